import { consoleReporter } from "../../../reports/console.js";
import type { HarnessError } from "../../base/errors.js";
import type { Fact, RunEvent } from "../../base/events.js";
import { SystemClock } from "../../base/time.js";
import { Journal } from "../../run/journal.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { colors } from "../terminal/output.js";
import type { Progress } from "../terminal/progress.js";

interface Recorded {
  readonly json: boolean;
  /** All rigs are: their clocks are not the one on the wall. */
  readonly simulated: boolean;
}

/** Where a run that was cut off goes on, and what it told before. */
interface Before {
  readonly from: { readonly seq: number; readonly bytes: number };
  readonly events: Iterable<RunEvent>;
}

/** What was written down so far, and shown. */
export class Record implements Disposable {
  /** The first event that the disk did not take. */
  lost: HarnessError | undefined;
  #journal: Journal | undefined;

  get failures(): readonly unknown[] {
    return this.#journal?.failures ?? [];
  }

  /** Until here nothing has happened that a run would tell. */
  begin(
    folder: string,
    { json, simulated }: Recorded,
    interrupt: Interrupt,
    progress: Progress,
    before?: Before,
  ): void {
    const stream = json ? process.stderr : process.stdout;
    const tty = stream.isTTY === true;
    const clock = new SystemClock();
    const startMs = clock.now();
    const write = (line: string) => {
      progress.stop();
      stream.write(line);
    };
    const listeners = [
      consoleReporter({
        write,
        color: tty && colors.isColorSupported,
        tty,
        ...(simulated && { realMs: () => clock.now() - startMs }),
        ...(before !== undefined && { before: before.events }),
      }),
      (event: RunEvent) => tellAtWork(event, progress),
    ];
    const lost = (error: HarnessError) => {
      this.lost ??= error;
      interrupt.callOff(error);
    };
    this.#journal = new Journal(folder, listeners, lost, before?.from);
  }

  readonly emit = (fact: Fact, atMs: number): void => this.#journal?.emit(fact, atMs);

  [Symbol.dispose](): void {
    this.#journal?.[Symbol.dispose]();
  }
}

/** A case takes half a minute on a real rig: a person at a terminal sees which, and what it does. */
function tellAtWork(event: RunEvent, progress: Progress): void {
  if (event.type === "case.started") progress.begin(event.case);
  else if (event.type === "step.started") progress.begin(`${event.case}: ${event.step}`);
  else if (event.type === "case.ended" || event.type === "case.retried") progress.stop();
}
