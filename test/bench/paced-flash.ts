import { type Group, median, ms, note, type Row, ratio } from "./figures.js";
import { flashUse, type LineUse } from "./line-floor.js";
import { PacedModule } from "./paced.js";

/** Beside the line: to start and end a process, to strap the module, and to see it boot. */
const PROCESS_OVER_MS = 1300;
const MOST = 1.15;
/** Nobody's flasher is quicker. */
const MOST_BESIDE = 1;

/**
 * What of a whole flash is ours: the module's own work takes no time. The line is judged by flashes with a trace, the
 * process by flashes without one, in turn, and in turn with another flasher's command where there is one.
 */
export async function pacedFlash(runs: number, beside: string | undefined): Promise<Group> {
  await using module = await PacedModule.start();
  const line: LineUse[] = [];
  const ours: number[] = [];
  const others: number[] = [];
  for (let run = 0; run < runs; run++) {
    line.push(flashUse(await module.flashTraced()));
    ours.push(await module.flash());
    if (beside !== undefined) others.push(await module.flashBy(beside));
  }
  const middle = (of: (each: LineUse) => number) => median(line.map(of));
  const floorMs = middle((each) => each.floorMs);
  return {
    title: `T01 2.0.106, synthetic, over a PTY at 2 MBd, the module's own work left out: median of ${runs}`,
    rows: [
      ms(
        "from the burst to the last answer of verify",
        middle(({ tookMs }) => tookMs),
      ),
      ms("line floor of the bytes that were sent", floorMs),
      ratio(
        "over the floor",
        middle(({ tookMs, floorMs }) => tookMs / floorMs),
        MOST,
      ),
      ms("st67-hil flash, the process as a whole", median(ours), floorMs + PROCESS_OVER_MS),
      ...besideOurs(median(ours), others),
    ],
  };
}

function besideOurs(oursMs: number, others: readonly number[]): Row[] {
  if (others.length === 0) return [note("no other flasher: --beside names one")];
  const othersMs = median(others);
  return [
    ms("the other flasher, the process as a whole", othersMs),
    ratio("st67-hil / other", oursMs / othersMs, MOST_BESIDE),
  ];
}
