import { hexNumber } from "../base/hex.js";

/** What will be done to the flash, in order. Addresses and lengths are in bytes; `end` is the first byte not meant. */
export type Step =
  | { readonly op: "erase-chip" }
  /** The vendor's 84-byte flash block; left out when the module knows its flash. */
  | { readonly op: "parameters"; readonly file: string }
  | { readonly op: "erase"; readonly start: number; readonly end: number }
  /** Where nothing may be erased: the range is blank, or holds these very bytes already. */
  | {
      readonly op: "blank-check";
      readonly of: string;
      readonly address: number;
      readonly bytes: number;
      readonly sha256: string;
    }
  | {
      readonly op: "write";
      readonly file: string;
      readonly address: number;
      readonly bytes: number;
      /** What goes over the line: the bytes themselves, or one complete xz stream of them. Before `ready` it is made at once. */
      readonly payload: Uint8Array;
      readonly mode: "plain" | "xz";
      /** From now on another thread makes `payload`. */
      begin(): void;
      /** Resolves once `payload` and `mode` are made; that is begun here at the latest. */
      ready(): Promise<void>;
      /** The bytes themselves, for a device that does not know xz. */
      readonly plain: Uint8Array;
    }
  | { readonly op: "write-check"; readonly file: string }
  | {
      /** `verify-again`: proven before something else was erased or written. */
      readonly op: "verify" | "verify-again";
      readonly file: string;
      readonly address: number;
      readonly bytes: number;
      readonly sha256: string;
    }
  | { readonly op: "read-back"; readonly file: string; readonly address: number; readonly data: Uint8Array };

/** What the writes among `steps` send is made from now on, in other threads: before the module is strapped or erased, which takes time. */
export function beginWrites(steps: readonly Step[]): void {
  for (const step of steps) if (step.op === "write") step.begin();
}

/** One line a step, as `--dry-run` shows it. */
export function tellStep(step: Step): string {
  switch (step.op) {
    case "erase-chip":
      return "erase the whole chip";
    case "parameters":
      return `${step.file}: send the flash block, unless the module knows its flash`;
    case "erase":
      return `erase ${hexNumber(step.start)} to ${hexNumber(step.end - 1)}`;
    case "blank-check":
      return `${step.of}: look whether ${step.bytes} bytes at ${hexNumber(step.address)} are blank`;
    case "write":
      return `${step.file}: write ${step.bytes} bytes at ${hexNumber(step.address)}, ${step.mode}, ${step.payload.length} on the line`;
    case "write-check":
      return `${step.file}: ask for write errors`;
    case "verify":
      return `${step.file}: compare the SHA-256 of ${step.bytes} bytes at ${hexNumber(step.address)} with ${step.sha256.slice(0, 16)}…`;
    case "verify-again":
      return `${step.file}: compare it once more, now that all is written`;
    case "read-back":
      return `${step.file}: read back ${step.data.length} bytes at ${hexNumber(step.address)}`;
  }
}

/** A step as a program reads it: lengths instead of bytes. */
export function describeStep(step: Step): Readonly<Record<string, unknown>> {
  if (step.op === "read-back") return { op: step.op, file: step.file, address: step.address, bytes: step.data.length };
  if (step.op !== "write") return step;
  const { op, file, address, bytes, mode, payload } = step;
  return { op, file, address, bytes, mode, lineBytes: payload.length };
}
