import { release } from "node:os";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import { type Bench, DRIVERS, makeBench, makeDecoy } from "./bench.js";
import { endsSafe, locksOut, survivesKills } from "./ends.js";
import { type StartedModule, startModule } from "./module.js";
import { refusesForeignChip, refusesMissing, refusesOccupied, rescueWaits } from "./refusals.js";
import { Relay } from "./relay.js";
import { type Check, HOST_START, tellCheck } from "./report.js";
import { opensQuietly, strapSequences } from "./straps.js";
import { runsWhole } from "./whole-run.js";

/** Of one check, against hangs: beside two busy loops the longest takes 123 s. The long form repeats its pieces five times. */
const CHECK_MS = 300_000;

/**
 * Words of the host's command line: `long`, `node=` with what starting node takes there, names of checks, and with a
 * minus names of checks to leave out.
 */
const words = process.argv.slice(2);
const long = words.includes("long");
const hostMs = Number(words.find((word) => word.startsWith(HOST_START))?.slice(HOST_START.length));
const names = words.filter((word) => word !== "long" && !word.startsWith(HOST_START));
const wanted = names.filter((name) => !name.startsWith("-"));
const unwanted = names.filter((name) => name.startsWith("-")).map((name) => name.slice(1));
const clock = new SystemClock();
let failed = 0;

const isWanted = (name: string): boolean =>
  (wanted.length === 0 || wanted.some((word) => name.includes(word))) && !unwanted.includes(name);

async function check(name: string, body: () => Promise<readonly string[]>): Promise<void> {
  if (!isWanted(name)) return;
  const start = clock.now();
  let outcome: Pick<Check, "passed" | "facts">;
  try {
    const deadline = Deadline.in(long ? 5 * CHECK_MS : CHECK_MS, name, clock);
    outcome = { passed: true, facts: await deadline.race(body()) };
  } catch (error) {
    failed++;
    outcome = { passed: false, facts: [error instanceof Error ? `${error.stack}` : String(error)] };
  }
  console.log(tellCheck({ name, ...outcome, ms: clock.now() - start }));
}

const WITH_MODULE = {
  "ends-safe": endsSafe,
  "survives-kills": (bench: Bench, module: StartedModule) => survivesKills(bench, module, long ? 20 : 4, hostMs),
  "locks-out": locksOut,
  "runs-whole": runsWhole,
} as const;

async function checkAll(): Promise<void> {
  const decoy = makeDecoy();
  await check("refuses-foreign-chip", () => refusesForeignChip({ decoy, clock }));
  const bench = makeBench(decoy, clock);
  await check("machine", async () => [
    `Linux ${release()}, node ${process.version}`,
    ...[decoy, bench.chip].map(({ label, name, base }) => `${label}: ${name}, base ${base}`),
  ]);
  if (Object.keys(WITH_MODULE).some(isWanted)) await checkWithModule(bench);
  else await checkAlone(bench);
  // They are timed, so nothing else runs by now. A process that has lines by chardev keeps them to its end.
  for (const driver of DRIVERS) {
    await check(`straps-${driver}`, () => strapSequences(bench, driver, long ? 200 : 40));
  }
}

/** A module takes its time to start, which these checks use. */
async function checkAlone(bench: Bench): Promise<void> {
  await check("opens-quietly", () => opensQuietly(bench));
  await check("refuses-missing", () => refusesMissing(bench));
  await check("refuses-occupied", () => refusesOccupied(bench));
  await check("rescue-waits", () => rescueWaits(bench));
}

async function checkWithModule(bench: Bench): Promise<void> {
  await using module = startModule();
  await checkAlone(bench);
  await module.ready;
  await using _ = new Relay(bench, module.lines);
  for (const [name, body] of Object.entries(WITH_MODULE)) await check(name, () => body(bench, module));
}

await checkAll();
process.exit(failed === 0 ? 0 : 1);
