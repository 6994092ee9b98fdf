/** The way of a flash, in the order in which the vendor's tool goes it. */
export const STAGES = [
  "config",
  "port",
  "handshake",
  "boot-info",
  "clock-set",
  "set-para",
  "jedec",
  "erase",
  "write",
  "write-check",
  "verify",
  "read",
  "efuse",
  "boot",
  "done",
] as const;
export type Stage = (typeof STAGES)[number];

/** What the words of a tool tell of the files and the port, before or beside what is said to the module. */
export type Trouble =
  | "not-an-ini"
  | "no-config"
  | "file-missing"
  | "file-clash"
  | "partition"
  | "port"
  | "port-lost"
  | "not-executable"
  | "wrong-flash-block"
  | "crashed";

/**
 * What one line of a log, or one exchange of a trace, says: the same facts from both, so whatever is concluded from them
 * knows neither. Bytes are lower-case hex digits.
 */
export type Fact =
  /** A tool starts: `step` is how far into its start this line is, since each of them may be missing. */
  | { readonly type: "start"; readonly step: number }
  /** A command line; it stands before the tool's own first line. */
  | { readonly type: "asked"; readonly config: string | undefined; readonly efuse: boolean }
  | { readonly type: "rate"; readonly baud: number }
  | { readonly type: "stage"; readonly stage: Stage }
  /** The stage went well; the tool's own measure of it, where it prints one. */
  | { readonly type: "done"; readonly stage: Stage; readonly ms?: number }
  /** An answer that the tool shows because it is none of those that it wants; or any, to a handshake. Empty: silence. */
  | { readonly type: "heard"; readonly bytes: string }
  | { readonly type: "refused"; readonly status: number }
  | { readonly type: "boot-info"; readonly bytes: string }
  /** Bytes that a stage has read, whichever it is. */
  | { readonly type: "data"; readonly bytes: string }
  /** The tool is about to write files, if it has any. */
  | { readonly type: "writes" }
  | { readonly type: "file"; readonly index: number }
  /** Bytes of the file on the line, compressed or not; a `total` of 0: nobody says. */
  | { readonly type: "chunk"; readonly done: number; readonly total: number }
  | { readonly type: "mismatch" }
  /** The tool's error code, four hex digits in capitals. */
  | { readonly type: "error"; readonly code: string }
  | { readonly type: "trouble"; readonly trouble: Trouble }
  /** The tool has failed, and may begin once more by itself. */
  | { readonly type: "again" }
  /** The tool says how it ended. */
  | { readonly type: "end"; readonly ok: boolean }
  /** boot2 says what it holds against an image. */
  | { readonly type: "boot2"; readonly about: "key" | "signature" | "image" };

/** A fact, and where it stands. */
export type Evidence = Fact & {
  /** From 1: of a log the line, of a trace the record. */
  readonly line: number;
  /** The line as a person may be shown it. */
  readonly quote: string;
  /** Milliseconds since some midnight or beginning; `undefined`: nobody wrote it down. */
  readonly atMs: number | undefined;
};

export type Of<T extends Fact["type"]> = Extract<Evidence, { readonly type: T }>;

export const isOf =
  <T extends Fact["type"]>(type: T) =>
  (evidence: Evidence): evidence is Of<T> =>
    evidence.type === type;
