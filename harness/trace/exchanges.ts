import type { CommandName } from "../protocol/commands.js";

/** What the module said to something. */
export type Answer =
  /** `data`: of an answer that has some; empty else. */
  | { readonly kind: "ok"; readonly data: Uint8Array }
  /** It said PD, and nothing after that. */
  | { readonly kind: "pending" }
  /** `text`: the code and its name, `FL 0006 (flash write error)`. */
  | { readonly kind: "refused"; readonly status: number; readonly text: string }
  | { readonly kind: "silence" }
  /** What came is no answer, or only the beginning of one. */
  | { readonly kind: "malformed" };

interface Common {
  /** Since the first record of the trace. */
  readonly atMs: number;
  /** To the end of the answer, as the host read it; of silence, to whatever happened next. */
  readonly durationMs: number;
  readonly baud: number;
  /** The stage, or else the step or the case, that was under way. */
  readonly stage: string | undefined;
  /** All that the host sent of it. */
  readonly sent: Uint8Array;
  /** All that came until the host went on. */
  readonly received: Uint8Array;
}

/** The host sent 0x55 and nothing else: the answer of a ROM ends with OK, and that of boot2 is a text, the data. */
export interface Burst extends Common {
  readonly kind: "burst";
  readonly answer: Extract<Answer, { kind: "ok" | "silence" | "malformed" }>;
}

/** The host sent one whole frame of a command that is known. */
interface CommandExchange extends Common {
  readonly kind: "command";
  readonly name: CommandName;
  /** `undefined`: the payload's length does not fit the command. */
  readonly values: Readonly<Record<string, number | Uint8Array>> | undefined;
  readonly answer: Answer;
  /** How many PD came before it. */
  readonly pendings: number;
  /** What came behind it: a write that is acknowledged and then fails says FL there. */
  readonly behind: Uint8Array;
}

/** The host sent something else, such as a part of a frame. */
interface RawExchange extends Common {
  readonly kind: "raw";
}

/** CHIP_EN rose; what BOOT was then decides what starts. */
interface Boot extends Common {
  readonly kind: "boot";
  readonly start: "rom" | "application";
  /** `received`, as text. */
  readonly text: string;
}

/** Bytes came that nobody had asked for, and no reset explains. */
interface Heard extends Common {
  readonly kind: "heard";
}

export type Exchange = Burst | CommandExchange | RawExchange | Boot | Heard;
