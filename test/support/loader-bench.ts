import { Deadline } from "../../harness/base/time.js";
import type { Rig } from "../../harness/base/wire.js";
import type { Observer } from "../../harness/session/stage.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { Loader } from "./loader.js";
import { rigOn } from "./rig.js";

/** A rig without lines, on a serial path, with a sister chip's loader behind it; what the harness notes is kept. */
export function loaderBench(traits: ConstructorParameters<typeof Loader>[1] = {}, options: Partial<Rig> = {}) {
  const clock = new VirtualClock();
  const loader = new Loader(clock, traits);
  const wire = loader.connect();
  const rig = rigOn(clock, wire, options);
  const notes: string[] = [];
  const observer: Observer = { stage: () => undefined, note: (note) => notes.push(note) };
  return { clock, loader, rig, notes, observer, deadline: Deadline.in(3_600_000, "the test", clock) };
}
