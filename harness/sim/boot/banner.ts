import { view } from "../../protocol/fields.js";
import { BOOT_ERRORS } from "./boot.js";

/** In every image of every release: magic, anti-rollback counter, three version bytes, then pointers to texts. */
const VERSION_BLOCK_AT = 0xc00;
const VERSION_BLOCK_BYTES = 0x18;
const VERSION_MAGIC = "BLFBVERF";
const BUILD_POINTER_AT = 16;
/** Where a body appears in the processor's address space: what the pointers count from. */
const BODY_ADDRESS = 0xa000_0000;
const TEXT_BYTES = 64;

/** What the application's own bytes say of it. */
interface Identity {
  readonly version: string;
  /** `Jan  1 2026` and `03:00:46`. */
  readonly date: string;
  readonly time: string;
}

interface Banner {
  readonly versions: string;
  /** What follows once the board is up. */
  readonly ready: string;
  /** Not the manufacturing test. */
  readonly mission: boolean;
}

/**
 * What the application prints as it starts, in two parts: the versions, and what follows once the board is up.
 * All of it comes from the body's own bytes; the texts are those of the mission and the manufacturing firmware.
 */
export function bannerOf(body: Uint8Array): Banner {
  const text = Buffer.from(body).toString("latin1");
  const { version, date, time } = identityOf(body);
  if (text.includes("MFG Version: ")) {
    const versions = lines(`MFG Version: ${version}`, `Build Date: ${date}`, `Build Time: ${time}`);
    return { versions, ready: "", mission: false };
  }
  const sdk = /component_version_sdk_[\w.]+/.exec(text)?.[0] ?? `component_version_sdk_${version}`;
  const marker = /SW image:\w+/.exec(text)?.[0];
  return {
    versions: lines(
      `Build:${time},${date}`,
      "Version of used components:",
      `\tVersion: ${sdk}`,
      ...(marker === undefined ? [] : [marker]),
    ),
    mission: true,
    ready: `${lines(...(text.includes("board init done") ? ["board init done"] : []))}${PROMPT}`,
  };
}

const PROMPT = "\r\nqcc74x />";

const lines = (...all: readonly string[]): string => all.map((line) => `${line}\r\n`).join("");

/** An application without a version block has no version: that is printed. */
export function identityOf(body: Uint8Array): Identity {
  const block = body.subarray(VERSION_BLOCK_AT, VERSION_BLOCK_AT + VERSION_BLOCK_BYTES);
  if (block.length < VERSION_BLOCK_BYTES || textAt(block, 0, VERSION_MAGIC.length) !== VERSION_MAGIC)
    return { version: "0.0.0", date: "", time: "" };
  const [x, y, z] = block.subarray(9, 12);
  const build = textAt(body, view(block).getUint32(BUILD_POINTER_AT, true) - BODY_ADDRESS, TEXT_BYTES);
  const space = build.lastIndexOf(" ");
  return { version: `${x}.${y}.${z}`, date: build.slice(0, Math.max(0, space)), time: build.slice(space + 1) };
}

/** Up to the next NUL; empty outside of `bytes`. */
function textAt(bytes: Uint8Array, at: number, max: number): string {
  if (at < 0 || at >= bytes.length) return "";
  return (
    Buffer.from(bytes.subarray(at, at + max))
      .toString("latin1")
      .split("\0", 1)[0] ?? ""
  );
}

/** The words of boot2's log for some of its errors; the others are told by their number alone. */
const REASONS: Partial<Record<keyof typeof BOOT_ERRORS, string>> = {
  keyCrc: "PK crc error",
  foreignKey: "PK sha error",
  signatureCrc: "SIG crc error",
  hash: "Hash error",
  signature: "verify failed",
};

/** boot2's log as it dumps it when nothing boots. Its texts are ST's; their order is that of the public sources. */
export function dumpOf(error: keyof typeof BOOT_ERRORS): string {
  const reason = REASONS[error];
  const code = BOOT_ERRORS[error];
  return lines(
    "Dump log...",
    ...(reason === undefined ? [] : [reason]),
    `Group 0 parse fail ret 0x${code.toString(16)}`,
    "no valid group found",
    `Media boot return ${code}`,
    "Boot2 fail",
  );
}
