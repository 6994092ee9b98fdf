import { hexNumber } from "../base/hex.js";
import type { Flaw } from "./flaw.js";

/** What a file breaks. Stable: tests, reports and programs tell findings apart by it. */
export type Rule =
  | "header-crc"
  | "flash-config-crc"
  | "clock-crc"
  | "key-crc"
  | "signature-crc"
  | "flags"
  | "length"
  | "body-hash"
  | "signature"
  | "version"
  | "profile"
  | "anti-rollback"
  | "slot"
  | "key"
  | "unreadable"
  | "name"
  | "malformed"
  | "littlefs"
  | "boot2-body"
  | "partition-crc"
  | "partition-overlap"
  | "partition-end"
  | "ini"
  | "reference"
  | "layout"
  | "ota-header"
  | "ota-length"
  | "ota-hash"
  | "ota-payload"
  | "sums";

export interface Finding extends Flaw {
  /** An error forbids flashing; a warning is told and forbids nothing. */
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly rule: Rule;
}

/** A finding on one line, without its severity. */
export const tellFinding = ({ file, rule, field, offset, expected, found }: Finding): string =>
  `${file}: ${rule}: ${field}${offset === undefined ? "" : ` at ${hexNumber(offset)}`}: expected ${expected}, found ${found}`;
