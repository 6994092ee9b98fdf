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

export const isAtOnce = <P extends object>(port: P): port is P & AtOnce => "writeNow" in port;

const isPolled = (port: object): port is Polled => "poller" in port;

/** What a port can do besides, where ports are polled. */
export interface AtOnce {
  /** From now on `heard` gets what comes, and the package nothing of it: it would hand it on by way of a stream. */
  hear(heard: (bytes: Uint8Array) => void): void;
  /** Writes what there is room for. @returns how many bytes: 0 also where it failed, which the package is to find out. */
  writeNow(bytes: Uint8Array): number;
}

function doneAtOnce(port: Polled): Pick<Polled, "read" | "write"> & AtOnce {
  let hearer: ((bytes: Uint8Array) => void) | undefined;
  const read = port.read.bind(port);
  const write = port.write.bind(port);
  const writeNow = (bytes: Uint8Array) => Math.max(0, now(() => writeSync(port.fd ?? -1, bytes)) ?? 0);
  return {
    writeNow,
    hear: (heard) => {
      hearer = heard;
    },
    async read(buffer, offset, length) {
      while (port.fd !== null) {
        // First, since a look for more behind each answer would cost an exception before that answer is heard.
        await readable(port);
        const bytesRead = now(() => readSync(port.fd ?? -1, buffer, offset, length, null));
        if (bytesRead === undefined || bytesRead === 0) break;
        if (bytesRead === NOT_NOW) continue;
        if (hearer === undefined) return { bytesRead, buffer };
        hearer(Buffer.from(buffer.subarray(offset, offset + bytesRead)));
      }
      return read(buffer, offset, length);
    },
    async write(buffer) {
      const written = writeNow(buffer);
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
