import { SerialPortMock } from "serialport";
import { Deadline } from "../../../harness/base/time.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import type { MakePort, PortOptions } from "../../../rigs/serial/port.js";
import { tick } from "../../support/tick.js";

type Binding = Awaited<ReturnType<typeof SerialPortMock.binding.open>>;

let ports = 0;

/**
 * A port of the package's own mock binding, whose calls into the system are written down. `quirks` replaces some of
 * those calls; a quirk's own error is what a real system says.
 */
export function mockPort({
  quirks = {},
  path = `/dev/mock${ports++}`,
}: {
  quirks?: Partial<Binding>;
  path?: string;
} = {}) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const opened: PortOptions[] = [];
  let unplug = (): void => undefined;
  let system: Binding | undefined;
  SerialPortMock.binding.createPort(path, { record: true });

  const open = async (options: Parameters<typeof SerialPortMock.binding.open>[0]): Promise<Binding> => {
    const port = await SerialPortMock.binding.open(options);
    const { read, write, drain, set, update, close } = port;
    const unplugged = new Promise<never>((_, reject) => {
      unplug = () => reject(new Error("EIO: i/o error, read"));
    });
    unplugged.catch(() => undefined);
    const written: Partial<Binding> = {
      read: (...all) => Promise.race([read.apply(port, all), unplugged]),
      write: (bytes) => {
        calls.push(`write ${bytes.toString("hex")}`);
        return write.call(port, bytes);
      },
      drain: () => {
        calls.push("drain");
        return drain.call(port);
      },
      set: (flags) => {
        calls.push(`set ${JSON.stringify(flags)}`);
        return set.call(port, flags);
      },
      update: (settings) => {
        calls.push(`update ${settings.baudRate}`);
        return update.call(port, settings);
      },
      close: () => {
        calls.push("close");
        return close.call(port);
      },
    };
    system = Object.assign(port, written, quirks);
    return system;
  };

  const makePort: MakePort = (options) => {
    opened.push(options);
    const withBinding = { ...options, binding: { ...SerialPortMock.binding, open } };
    return new SerialPortMock(withBinding);
  };

  return {
    path,
    clock,
    calls,
    /** The options of every port that was made. */
    opened,
    makePort,
    soon: Deadline.in(5000, "the test", clock),
    settings: { path, baud: 500_000 },
    /** What the far side sends. */
    send: (bytes: string) => system?.emitData(Buffer.from(bytes, "hex")),
    /** What the far side has got. */
    received: () => system?.recording.toString("hex"),
    unplug: () => unplug(),
  };
}

/** Lets the mock binding, which knows ticks alone, come to rest: no turn of the event loop, so no time goes on. */
export async function settle(): Promise<void> {
  for (let ticks = 0; ticks < 30; ticks++) await tick();
}
