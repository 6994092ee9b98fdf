import { readSync, writeSync } from "node:fs";

/** What is used here of a port of the package's binding, where ports are polled: on Linux. */
interface Polled {
  readonly fd: number | null;
  readonly poller: { once(event: "readable", told: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number; buffer: Buffer }>;
  write(buffer: Buffer): Promise<void>;
}

/**
 * The package's binding, whose ports do at once what the system does at once: a port never blocks, so a read of what has come
 * and a write for which there is room need no other thread, whose turn costs 0.1 ms of each answer. All else, and every error,
 * is left to the package.
 */
export const atOnce = <B extends { open(...options: never[]): Promise<object> }>(binding: B): B => ({
  ...binding,
  open: async (...options: Parameters<B["open"]>) => {
    const port = await binding.open(...options);
    return isPolled(port) ? Object.assign(port, doneAtOnce(port)) : port;
  },
});

const isPolled = (port: object): port is Polled => "poller" in port;

function doneAtOnce(port: Polled): Pick<Polled, "read" | "write"> {
  const read = port.read.bind(port);
  const write = port.write.bind(port);
  return {
    async read(buffer, offset, length) {
      while (port.fd !== null) {
        // First, since a look for more behind each answer would cost an exception before that answer is heard.
        await readable(port);
        const bytesRead = now(() => readSync(port.fd ?? -1, buffer, offset, length, null));
        if (bytesRead === undefined || bytesRead === 0) break;
        if (bytesRead !== NOT_NOW) return { bytesRead, buffer };
      }
      return read(buffer, offset, length);
    },
    async write(buffer) {
      const written = Math.max(0, now(() => writeSync(port.fd ?? -1, buffer)) ?? 0);
      if (written < buffer.length) return write(buffer.subarray(written));
    },
  };
}

const readable = (port: Polled): Promise<void> =>
  new Promise((resolve, reject) => port.poller.once("readable", (error) => (error ? reject(error) : resolve())));

const NOT_NOW = -1;

/** @returns how many bytes; `NOT_NOW`; `undefined`: it failed. */
function now(work: () => number): number | undefined {
  try {
    return work();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN" ? NOT_NOW : undefined;
  }
}
