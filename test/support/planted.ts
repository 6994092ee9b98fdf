import { AbFold, type AbResult } from "../../harness/ab/fold.js";
import { cycleName } from "../../harness/ab/sides.js";
import type { AbPlan, Fact } from "../../harness/base/events.js";
import { randomOf } from "../../harness/base/random.js";
import type { Bay, Wire } from "../../harness/base/wire.js";
import { syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { rowOf } from "../../harness/protocol/commands.js";
import type { Case } from "../../harness/run/matrix.js";
import { runCase } from "../../harness/run/runner.js";
import type { Bench, Firmware } from "../../harness/run/scenario.js";
import { SimModule } from "../../harness/sim/module.js";
import { SimOptions } from "../../harness/sim/options.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { plainSet } from "./package.js";
import { rigOn } from "./rig.js";

const IMAGE_BYTES = 65_536;
const IMAGE_ADDRESS = 0x10000;
const JITTER = 0.04;
/** The stage that a planted slowness is in. */
export const PLANTED_STAGE = "verify FW";

const VERSIONS = { a: "2.0.97", b: "2.0.106" } as const;
const firmwares = Object.fromEntries(
  Object.entries(VERSIONS).map(([side, version]) => [side, firmwareOf(version)]),
) as unknown as Readonly<Record<"a" | "b", Firmware>>;

function firmwareOf(version: string): Firmware {
  const bytes = syntheticFirmware({ profile: "t01", version, bytes: IMAGE_BYTES });
  const set = plainSet([{ section: "FW", address: IMAGE_ADDRESS, bytes }]);
  const plan: Plan = planOf(set);
  return { profile: "t01", version, label: `t01@${version}`, load: () => set, plan: () => plan };
}

/**
 * A whole comparison of two firmwares of 64 KiB on one simulated module whose flash jitters, on a bay that makes one stage of
 * the second slower.
 *
 * @param slower by so much of that stage's time; 0: nothing is planted.
 */
export async function plantedAb(seed: number, slower: number, cycles: number, folder: string): Promise<AbResult> {
  const clock = new VirtualClock();
  const random = randomOf(seed, "planted");
  const options = SimOptions.parse({ flash: { jitter: JITTER } });
  const module = new SimModule(options, clock, random);
  const plan: AbPlan = {
    ...{ scenario: "flash", a: firmwares.a.label, b: firmwares.b.label, cycles },
    ...{ relevance: 0.05, alpha: 0.01 },
  };
  const fold = new AbFold();
  const started = { wallTime: "2026-11-28T00:00:00Z", runId: "planted", harness: "0", seed, rigs: ["bench"], cases: 0 };
  fold.hear({ type: "run.started", ...started, ab: plan });
  const hashMs = (1000 * IMAGE_BYTES) / options.flash.shaBytesPerSec;
  const { signal } = new AbortController();
  const context = { clock, emit: (fact: Fact) => fold.hear(fact), signal, seed, folder };
  for (let number = 1; number <= cycles; number++)
    for (const side of ["a", "b"] as const) {
      const planted = side === "b" ? slower * (hashMs + OVERHEAD_MS) : 0;
      const one = caseOf(cycleName(side, "flash", number), firmwares[side]);
      const { verdict, fault } = await runCase(one, bay(planted), context);
      if (verdict !== "passed") throw new Error(`${one.name}: ${fault?.message}`);
      fold.hear({ type: "case.ended", case: one.name, scenario: one.scenario, rig: "bench", verdict });
    }
  return fold.result() as AbResult;

  function bay(plantedMs: number): Bay {
    const open = async () => {
      const { wire, straps } = module.connect();
      return rigOn(clock, withLateHash(wire, plantedMs), { straps, faults: module.orders });
    };
    return { name: "bench", labels: [], simulated: true, open };
  }
}

const HASHES = [rowOf("flashReadSha").opcode, rowOf("flashXipReadSha").opcode];

/** The same line; a hash is asked for so much later. */
const withLateHash = (wire: Wire, ms: number): Wire => ({
  get baud() {
    return wire.baud;
  },
  async write(bytes, deadline) {
    if (ms > 0 && HASHES.includes(bytes[0] ?? 0)) await deadline.sleep(ms);
    await wire.write(bytes, deadline);
  },
  read: (deadline) => wire.read(deadline),
  setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
  arrived: () => wire.arrived(),
  drop: () => wire.drop(),
  [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
});

/** What the stage takes beside the hash itself: command and answer on the line. */
const OVERHEAD_MS = 0.5;

const caseOf = (name: string, firmware: Firmware): Case => ({
  ...{ name, scenario: "flash", needs: [], tags: [], timeoutMs: 600_000, ladder: 0 },
  firmwares: [firmware],
  ...{ before: undefined, after: firmware },
  run: (bench: Bench) => bench.flash(firmware),
  parameter: { label: firmware.label },
});

/** Those that are called slower or faster. */
export const changedStages = ({ stages }: AbResult): string[] =>
  stages.filter(({ change }) => change === "slower" || change === "faster").map(({ stage }) => stage);
