import { expect, test } from "@jest/globals";
import type { LaneEnd, LaneHost } from "../../harness/run/lanes/host.js";
import type { Report } from "../../harness/run/lanes/messages.js";
import { WatchedLane } from "../../harness/run/lanes/watched-lane.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";

/** A lane whose process reports and ends as the test has it. */
function lane() {
  let hear: (report: Report) => void = () => undefined;
  let end: (end: LaneEnd) => void = () => undefined;
  const ended = new Promise<LaneEnd>((done) => {
    end = done;
  });
  const host: Pick<LaneHost, "ended" | "isOver" | "order" | "kill"> = {
    ...{ ended, isOver: false, order: () => undefined, kill: () => undefined },
  };
  const parts = {
    clock: new VirtualClock(),
    start: (listener: (report: Report) => void) => {
      hear = listener;
      return host as LaneHost;
    },
    ...{ tell: () => undefined, ask: async () => undefined, signal: new AbortController().signal },
    patience: { graceMs: 1, deafMs: 1, loadMs: 1 },
  };
  const watched = new WatchedLane(parts, () => undefined, 0);
  return {
    watched,
    report: (report: Report) => hear(report),
    end: () => end({ code: 0, signal: null, lastWords: "" }),
  };
}

const OPENED: Report = { type: "opened" };

test("what is waited for comes, whatever else is told before", async () => {
  const { watched, report, end } = lane();
  const wait = watched.until("opened");
  report({ type: "loading", file: "a.ts" });
  report(OPENED);
  await expect(wait).resolves.toEqual(OPENED);
  end();
});

test("a lane that ends answers whoever waits", async () => {
  const { watched, end } = lane();
  const wait = watched.until("opened");
  end();
  await expect(wait).resolves.toBeUndefined();
});

test("who waited is answered when something else is waited for: nobody waits for ever", async () => {
  const { watched, report, end } = lane();
  const first = watched.until("loaded");
  const second = watched.until("opened");
  await expect(first).resolves.toBeUndefined();
  report(OPENED);
  await expect(second).resolves.toEqual(OPENED);
  end();
});
