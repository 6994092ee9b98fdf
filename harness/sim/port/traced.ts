import type { Line } from "../../base/wire.js";
import type { Recorder } from "../../trace/recorder.js";
import type { HostLine, HostUart } from "../line/line.js";
import type { DrivenPins } from "./control.js";

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
      recall: () => host.recall?.(),
    });
    return {
      send(bytes, sleep) {
        recorder.baud(host.baud);
        recorder.bytes("host", bytes);
        return line.send(bytes, sleep);
      },
    };
  };

/** The same pins: their levels are recorded, and then each time that one is set. */
export function tracedPins(pins: DrivenPins, recorder: Recorder): DrivenPins {
  const record = (line: Line) => recorder.mark({ type: "line", line, asserted: pins.levels[line] });
  for (const line of Object.keys(pins.levels) as Line[]) record(line);
  return {
    get levels() {
      return pins.levels;
    },
    set(line, asserted) {
      pins.set(line, asserted);
      record(line);
    },
  };
}
