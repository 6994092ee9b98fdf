import type { ReadyInput, Rig, Straps, Wire } from "../base/wire.js";
import type { Recorder } from "./recorder.js";

/**
 * The same rig, whose wire and lines are recorded from here on. What the host received and never read, and what the rig
 * does by itself as it is opened and as it ends, is not seen here.
 */
export function withTrace(rig: Rig, recorder: Recorder): Rig {
  recorder.baud(rig.wire.baud);
  return {
    ...rig,
    wire: tracedWire(rig.wire, recorder),
    straps: rig.straps && tracedStraps(rig.straps, recorder),
    ready: rig.ready && tracedReady(rig.ready, recorder),
  };
}

const tracedWire = (wire: Wire, recorder: Recorder): Wire => ({
  get baud() {
    return wire.baud;
  },
  async write(bytes, deadline, answered) {
    recorder.bytes("host", bytes);
    try {
      await wire.write(bytes, deadline, answered);
    } catch (error) {
      recorder.mark({ type: "note", text: `not all of the last ${bytes.length} bytes of the host may have left` });
      throw error;
    }
  },
  async read(deadline) {
    const bytes = await wire.read(deadline);
    recorder.bytes("module", bytes);
    return bytes;
  },
  arrived() {
    const bytes = wire.arrived();
    if (bytes.length > 0) recorder.bytes("module", bytes);
    return bytes;
  },
  /** One that is refused may have left the port at a third rate. */
  async setBaud(baud, deadline) {
    try {
      await wire.setBaud(baud, deadline);
    } finally {
      recorder.baud(wire.baud);
    }
  },
  drop: () => wire.drop(),
  [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
});

const tracedStraps = (straps: Straps, recorder: Recorder): Straps => ({
  async set(line, asserted, deadline) {
    await straps.set(line, asserted, deadline);
    recorder.mark({ type: "line", line, asserted });
  },
  [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
});

/** It is asked every few milliseconds while a boot is awaited. */
function tracedReady(ready: ReadyInput, recorder: Recorder): ReadyInput {
  let before: boolean | undefined;
  return {
    async read() {
      const asserted = await ready.read();
      if (asserted !== before) recorder.mark({ type: "ready", asserted });
      before = asserted;
      return asserted;
    },
  };
}
