import { type Clock, wholeMicroseconds } from "../base/time.js";
import type { Line, Rig, Straps } from "../base/wire.js";

/** A line that was driven, and how long its level before was held at least, in milliseconds. */
export interface Drive {
  readonly line: Line;
  readonly asserted: boolean;
  readonly heldMs?: number;
}

/** The same rig, whose every drive of a line is told once it has happened. */
export const withTold = (rig: Rig, told: (drive: Drive) => void): Rig =>
  rig.straps === undefined ? rig : { ...rig, straps: toldStraps(rig.straps, rig.clock, told) };

function toldStraps(straps: Straps, clock: Clock, told: (drive: Drive) => void): Straps {
  const since = new Map<Line, { asserted: boolean; at: number }>();
  return {
    async set(line, asserted, deadline) {
      const asked = clock.now();
      await straps.set(line, asserted, deadline);
      const before = since.get(line);
      told({ line, asserted, ...(before !== undefined && { heldMs: wholeMicroseconds(asked - before.at) }) });
      if (before?.asserted !== asserted) since.set(line, { asserted, at: clock.now() });
    },
    [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
  };
}
