import type { Wire } from "../../harness/base/wire.js";

/** Something that goes wrong with one byte, the `at`-th that goes one way, counted from 0. */
export interface LineFault {
  readonly toward: "module" | "host";
  readonly at: number;
  /** `truncate`: this byte and the rest of its burst are lost. */
  readonly kind: "drop" | "flip" | "insert" | "double" | "silence" | "truncate";
  /** Which bit is flipped; what is inserted. */
  readonly value: number;
}

/** So long is the line dead after a `silence`, in bytes of its direction. */
const SILENT_BYTES = 3000;

/** The same wire over a line with faults; `moment` is called whenever bytes have passed. The code under test knows of neither. */
export function faulty(wire: Wire, faults: readonly LineFault[], moment: () => void = () => undefined): Wire {
  const way = (toward: LineFault["toward"]) => {
    let passed = 0;
    let deadUntil = 0;
    return (bytes: Uint8Array): Uint8Array => {
      const out: number[] = [];
      const end = passed + bytes.length;
      for (const byte of bytes) {
        const at = passed++;
        const fault = faults.find((one) => one.toward === toward && one.at === at);
        if (fault?.kind === "silence") deadUntil = at + SILENT_BYTES;
        if (fault?.kind === "truncate") deadUntil = Math.max(deadUntil, end);
        if (at < deadUntil || fault?.kind === "drop") continue;
        if (fault?.kind === "insert") out.push(fault.value & 0xff);
        if (fault?.kind === "double") out.push(byte);
        out.push(fault?.kind === "flip" ? byte ^ (1 << (fault.value & 7)) : byte);
      }
      return Uint8Array.from(out);
    };
  };
  const toModule = way("module");
  const toHost = way("host");
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      await wire.write(toModule(bytes), deadline);
      moment();
    },
    async read(deadline) {
      for (;;) {
        const bytes = toHost(await wire.read(deadline));
        moment();
        if (bytes.length > 0) return bytes;
      }
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived() {
      const bytes = toHost(wire.arrived());
      if (bytes.length > 0) moment();
      return bytes;
    },
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}
