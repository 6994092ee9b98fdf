import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { loadFirmware } from "../../harness/firmware/package.js";
import { type Plan, planOf } from "../../harness/flash/plan.js";
import { proveBoot } from "../../harness/flash/prove.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import type { Stage } from "../../harness/session/stage.js";
import { SimOptions } from "../../harness/sim/options.js";
import { readTrace } from "../../harness/trace/read.js";
import { withTrace } from "../../harness/trace/traced-rig.js";
import { simBench } from "../support/bench.js";
import { scratch } from "../support/scratch.js";
import { recorderTo } from "../support/trace.js";
import { flashPeakMib } from "./cycles.js";
import { type Group, mib, ms, ratio } from "./figures.js";
import { lineUse } from "./line-floor.js";

const MOST = 1.08;
/** 150 MB. */
const MOST_MIB = 150e6 / 2 ** 20;
const PAGE_BYTES = 256;

/** Where the module's time goes, against what line, flash and strap need at the least. */
export async function virtualFlash(): Promise<Group> {
  using folder = scratch();
  const plan = planOf(loadFirmware(await openFirmware(undefined, true), "t01", "2.0.106"));
  const { rig, deadline, clock } = simBench();
  const stages: Stage[] = [];
  const observer = { stage: (stage: Stage) => void stages.push(stage) };
  const startReal = performance.now();
  const recorder = recorderTo(folder.file("t.jsonl"), clock);
  const session = await openModule(withTrace(rig, recorder), deadline, observer);
  await programModule(session, plan, deadline, observer);
  const flashedMs = clock.now();
  recorder[Symbol.dispose]();
  await proveBoot(rig, { profile: "t01", version: "2.0.106" }, deadline, observer);
  const ownMs = performance.now() - startReal;
  const { records } = readTrace(folder.file("t.jsonl"));
  const { floorMs: lineMs } = lineUse(
    records,
    ({ type }) => type === "bytes",
    ({ type }) => type === "closed",
  );
  const floorMs = lineMs + rig.timing.resetMs + rig.timing.strapHoldMs + siliconMs(plan);
  return {
    title: "T01 2.0.106, synthetic, on the simulated module's clock",
    rows: [
      ...stages.map(({ stage, ms: took }) => ms(stage, took)),
      ms("enter, program and verify, in all", flashedMs),
      ms("floor: line + program + erase + SHA + strap", floorMs),
      ratio("over the floor", flashedMs / floorMs, MOST),
      ms("our own time for all of it", ownMs),
      mib("st67-hil flash of it, peak RSS", flashPeakMib(), MOST_MIB),
    ],
  };
}

/** What the silicon needs for a plan, as long as nothing runs beside anything else. */
function siliconMs({ steps }: Plan): number {
  const { flash } = SimOptions.parse({});
  return steps.reduce((sum, step) => {
    if (step.op === "erase-chip") return sum + flash.chipEraseMs;
    if (step.op === "verify") return sum + (1000 * step.bytes) / flash.shaBytesPerSec;
    return step.op === "write" ? sum + Math.ceil(step.bytes / PAGE_BYTES) * flash.pageMs : sum;
  }, 0);
}
