import { Deadline } from "../../harness/base/time.js";
import type { Rig } from "../../harness/base/wire.js";
import type { Observer } from "../../harness/session/stage.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { Loader } from "./loader.js";

/** A rig without lines, on a serial path, with a sister chip's loader behind it; what the harness notes is kept. */
export function loaderBench(traits: ConstructorParameters<typeof Loader>[1] = {}, options: Partial<Rig> = {}) {
  const clock = new VirtualClock();
  const loader = new Loader(clock, traits);
  const wire = loader.connect();
  const rig: Rig = {
    name: "bench",
    clock,
    wire,
    straps: undefined,
    bootBaud: 500_000,
    loadBaud: 2_000_000,
    timing: { resetMs: 100, strapHoldMs: 100, powerOffMs: 500, bootMs: 4000 },
    bootProof: ["banner"],
    allow: { efuse: false, unlocked: false },
    keep: () => undefined,
    switchesPower: false,
    ready: undefined,
    cannotHold: undefined,
    chipId: undefined,
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    ...options,
  };
  const notes: string[] = [];
  const observer: Observer = { stage: () => undefined, note: (note) => notes.push(note) };
  return { clock, loader, rig, notes, observer, deadline: Deadline.in(3_600_000, "the test", clock) };
}
