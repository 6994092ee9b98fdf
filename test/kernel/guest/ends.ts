import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { randomOf } from "../../../harness/base/random.js";
import { momentOf, stagesIn, writeParts } from "../../support/parts.js";
import { BCM, type Bench, DRIVERS, type Driver, writeRig } from "./bench.js";
import { distribution } from "./judge.js";
import type { StartedModule } from "./module.js";
import { Program } from "./program.js";

/** What the product promises after a kill, on a machine that is as fast as the host of this one. */
const SAFE_MS = 1000;
/** How often a pin is looked at: that too takes its time in here. */
const POLL_MS = 5;
/** And how often where nothing is timed. */
const LOOK_MS = 10;
const SIGTERM_CODE = 143;
/** A rig that is not as asked for, or busy. */
const BROKEN = 2;

const bothLow = ({ chip }: Bench): boolean => !chip.level(BCM.boot) && !chip.level(BCM.chipEn);

function flash({ folder, port }: StartedModule, driver: Driver, ...more: string[]): Program {
  const config = writeParts({ file: (name) => join(folder, name) });
  const rig = writeRig(join(folder, `${driver}.yaml`), driver, { port });
  return new Program(
    ["flash", "--rig", rig, "--config", config, "--leave", "off", "--compress", "off", ...more],
    folder,
  );
}

/** Until BOOT is asserted, the first line that a flash moves, or so many stages of it have ended. */
async function untilMoment({ chip, clock }: Bench, program: Program, stages: number): Promise<void> {
  const isThere = () => (stages === 0 ? chip.level(BCM.boot) : stagesIn(program.stderr) >= stages);
  while (!isThere() && program.running) await clock.sleep(LOOK_MS);
}

function expectSafe(bench: Bench, after: string): void {
  if (bothLow(bench)) return;
  const { chip } = bench;
  throw new Error(`${after}: expected both lines low; BOOT ${chip.level(BCM.boot)}, CHIP_EN ${chip.level(BCM.chipEn)}`);
}

/** However a command ends by itself or on demand, its lines are safe by the time it has ended. */
export async function endsSafe(bench: Bench, module: StartedModule): Promise<string[]> {
  bench.release();
  await using refused = flash(module, "chardev", "--set", "module.chipId=000000000000");
  await refused.endsWith(BROKEN);
  if (!refused.stderr.includes("WRONG_MODULE")) throw new Error(`expected WRONG_MODULE; got ${refused.stderr}`);
  expectSafe(bench, "chardev, after an error");
  await using stopped = flash(module, "onoff");
  await untilMoment(bench, stopped, 0);
  stopped.kill("SIGTERM");
  await stopped.endsWith(SIGTERM_CODE);
  expectSafe(bench, "onoff, after SIGTERM");
  return ["chardev, WRONG_MODULE: both lines low", "onoff, SIGTERM: both lines low"];
}

/**
 * A flash that is killed leaves its lines safe, and the next one needs no help: neither for the lines nor for the lock.
 *
 * @param hostMs what the host takes to start node: an emulated machine gets as much more time as it is slower.
 */
export async function survivesKills(
  bench: Bench,
  module: StartedModule,
  kills: number,
  hostMs: number,
): Promise<string[]> {
  const random = randomOf(1, "kills");
  const slowness = Math.max(1, startMs(bench) / hostMs);
  const limitMs = SAFE_MS * slowness;
  const times: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const driver = DRIVERS[kill % DRIVERS.length] ?? "onoff";
    bench.release();
    const moment = kill === 0 ? 0 : momentOf(random);
    await using program = flash(module, driver);
    await untilMoment(bench, program, moment);
    if (!program.running) throw new Error(`${driver}: the flash had ended before stage ${moment}: ${program.stderr}`);
    program.kill("SIGKILL");
    const killed = bench.clock.now();
    while (!bothLow(bench) && bench.clock.now() - killed < limitMs) await bench.clock.sleep(POLL_MS);
    times.push(bench.clock.now() - killed);
    expectSafe(bench, `${driver}, ${limitMs.toFixed(0)} ms after SIGKILL at stage ${moment}`);
  }
  const factor = slowness.toFixed(1);
  return [
    `${kills} kills, lines safe after ${distribution(times)}`,
    `at the host's pace, which is ${factor} times this one's: ${distribution(times.map((ms) => ms / slowness))}`,
  ];
}

/** What starting node takes in here. */
function startMs({ clock }: Bench): number {
  const began = clock.now();
  execFileSync(process.execPath, ["--eval", "0"]);
  return clock.now() - began;
}

/** Two at once: one flashes and ends well, the other says who does. After the kills, neither needs help. */
export async function locksOut(bench: Bench, module: StartedModule): Promise<string[]> {
  bench.release();
  await using first = flash(module, "onoff");
  await using second = flash(module, "onoff");
  await Promise.all([first.ended, second.ended]);
  const refused = first.stderr.includes("RIG_BUSY") ? first : second;
  const holder = refused === first ? second : first;
  await holder.endsWith(0);
  expectSafe(bench, "after a flash that ended well");
  await refused.endsWith(BROKEN);
  const told = refused.stderr.trim().split("\n")[0] ?? "";
  if (!told.includes("RIG_BUSY") || !told.includes(`pid ${holder.pid} `)) {
    throw new Error(`expected RIG_BUSY naming pid ${holder.pid}; got ${refused.stderr}`);
  }
  return [told];
}
