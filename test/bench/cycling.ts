import { Deadline } from "../../harness/base/time.js";
import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { loadFirmware } from "../../harness/firmware/package.js";
import { syntheticBoot2, syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { proveBoot } from "../../harness/flash/prove.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import type { CycleCosts } from "./cycles.js";

const EARLY = 1000;
const FIRMWARE = { profile: "t01", version: "2.0.106" } as const;

/** boot2, table and a firmware of 64 KiB: each sector erased, each file programmed, as xz where that is smaller, and verified by its hash. */
async function smallPlan(): Promise<Plan> {
  const set = loadFirmware(await openFirmware(undefined, true), FIRMWARE.profile, FIRMWARE.version);
  const bytes: Record<string, Uint8Array> = {
    boot2: syntheticBoot2(),
    FW: syntheticFirmware({ ...FIRMWARE, bytes: 65_536 }),
  };
  const files = set.files
    .filter(({ section }) => section !== "littlefs")
    .map((file) => ({ ...file, bytes: bytes[file.section] ?? file.bytes, image: undefined, xz: undefined }));
  return planOf({ ...set, files, erase: 1, findings: [] });
}

function heapMib(): number {
  global.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** A process of its own, for what it held at most. */
async function cycling(count: number): Promise<CycleCosts> {
  const plan = await smallPlan();
  const { rig, clock } = simBench();
  let earlyMib = Number.NaN;
  const start = performance.now();
  const before = process.cpuUsage();
  for (let cycle = 0; cycle < count; cycle++) {
    const deadline = Deadline.in(60_000, `cycle ${cycle}`, clock);
    await programModule(await openModule(rig, deadline), plan, deadline);
    await proveBoot(rig, FIRMWARE, deadline);
    if (cycle + 1 === EARLY) earlyMib = heapMib();
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  return { seconds, cpuSeconds, earlyMib, lateMib: heapMib(), peakMib: process.resourceUsage().maxRSS / 1024 };
}

console.log(JSON.stringify(await cycling(Number(process.argv[2]))));
