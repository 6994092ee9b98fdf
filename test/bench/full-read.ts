import { readFlash } from "../../harness/flash/read.js";
import { openModule } from "../../harness/recover/open.js";
import { readTrace } from "../../harness/trace/read.js";
import { withTrace } from "../../harness/trace/traced-rig.js";
import { simBench } from "../support/bench.js";
import { scratch } from "../support/scratch.js";
import { recorderTo } from "../support/trace.js";
import { type Group, median, ms, ratio } from "./figures.js";
import { type LineUse, readUse } from "./line-floor.js";
import { PacedModule } from "./paced.js";

const MOST = 1.1;
const FLASH_BYTES = 4 * 1024 * 1024;

/** All 4 MiB of a flash: one command at a time, so that each piece costs a turn of the line. */
export async function fullRead(runs: number): Promise<Group> {
  const virtual = await onItsClock();
  await using module = await PacedModule.start();
  const paced: { use: LineUse; processMs: number }[] = [];
  for (let run = 0; run < runs; run++) {
    const { records, processMs } = module.read();
    paced.push({ use: readUse(records), processMs });
  }
  const middle = (of: (each: (typeof paced)[number]) => number) => median(paced.map(of));
  const over = ({ tookMs, floorMs }: LineUse) => tookMs / floorMs;
  return {
    title: `a read of 4 MiB; over a PTY at 2 MBd: median of ${runs}`,
    rows: [
      ms("line floor of the bytes that were sent", virtual.floorMs),
      ms("on the simulated module's clock", virtual.tookMs),
      ratio("over the floor", over(virtual), MOST),
      ms(
        "over the PTY, from the first read to the last answer",
        middle(({ use }) => use.tookMs),
      ),
      ratio(
        "over the floor",
        middle(({ use }) => over(use)),
        MOST,
      ),
      ms(
        "st67-hil read, the process as a whole",
        middle(({ processMs }) => processMs),
      ),
    ],
  };
}

async function onItsClock(): Promise<LineUse> {
  using folder = scratch();
  const { rig, deadline, clock } = simBench();
  const recorder = recorderTo(folder.file("t.jsonl"), clock);
  const session = await openModule(withTrace(rig, recorder), deadline);
  await readFlash(session, 0, FLASH_BYTES, deadline);
  recorder[Symbol.dispose]();
  return readUse(readTrace(folder.file("t.jsonl")).records);
}
