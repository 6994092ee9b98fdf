import { createHash } from "node:crypto";
import { type Bench, type Firmware, HarnessError, type Session } from "../../harness/run/index.js";

/** A range of flash and what it must hash to. */
interface Wanted {
  /** For messages. */
  readonly what: string;
  readonly address: number;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/**
 * Which of the ranges hold something else, by the module's own hashes. An answer has no checksum: a wrong one is asked for
 * once more, and two wrong ones that differ are held against the line.
 *
 * @param session the one that has flashed: to open another may take a rung of the ladder that erases it all.
 */
export async function differing({ hash }: Bench, session: Session, ranges: readonly Wanted[]): Promise<string[]> {
  const found: string[] = [];
  for (const { what, address, bytes, sha256 } of ranges) {
    const first = await hash(session, address, bytes);
    if (first === sha256) continue;
    const second = await hash(session, address, bytes);
    if (second === sha256) continue;
    if (second !== first)
      throw new HarnessError("REPLY_MALFORMED", `${what}: its SHA-256 was asked twice: ${first}, then ${second}`);
    found.push(what);
  }
  return found;
}

/** A blank range. */
export function blankRange({ address, bytes }: { readonly address: number; readonly bytes: number }): Wanted {
  const sha256 = createHash("sha256").update(new Uint8Array(bytes).fill(0xff)).digest("hex");
  return { what: `0x${address.toString(16)}, ${bytes} bytes that must be blank`, address, bytes, sha256 };
}

/** The files of a firmware, as its plan verifies them. */
export const filesOf = (firmware: Firmware): Wanted[] =>
  firmware
    .plan()
    .steps.flatMap((step) =>
      step.op === "verify" ? [{ what: step.file, address: step.address, bytes: step.bytes, sha256: step.sha256 }] : [],
    );
