import type { Line } from "../../base/wire.js";
import type { Recorder } from "../../trace/recorder.js";
import type { HostLine, HostUart } from "../line/line.js";
import type { Pins } from "../straps.js";

/** The host's end of a line, as far as a port needs it. */
export type PortLine = Pick<HostLine, "send">;

/** The same plug, whose line is recorded: what the host's program sends, and what the module gives it to read. */
export const tracedPlug =
  (plug: (host: HostUart) => PortLine, recorder: Recorder): ((host: HostUart) => PortLine) =>
  (host) => {
    const line = plug({
      get baud() {
        return host.baud;
      },
      receive(bytes) {
        recorder.baud(host.baud);
        recorder.bytes("module", bytes);
        host.receive(bytes);
      },
    });
    return {
      send(bytes, sleep) {
        recorder.baud(host.baud);
        recorder.bytes("host", bytes);
        return line.send(bytes, sleep);
      },
    };
  };

/** Records the levels as they are, and returns what records those that have changed since. */
export function tracedPins(pins: Pins, recorder: Recorder): () => void {
  const known = new Map<Line, boolean>();
  return () => {
    for (const [line, asserted] of Object.entries(pins.levels) as [Line, boolean][]) {
      if (known.get(line) === asserted) continue;
      recorder.mark({ type: "line", line, asserted });
      known.set(line, asserted);
    }
  };
}
