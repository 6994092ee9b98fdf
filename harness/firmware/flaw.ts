import { type ErrorCode, HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";

/** What is wrong at one place of a file. */
export interface Flaw {
  readonly field: string;
  /** From the start of the file, in bytes. */
  readonly offset?: number;
  readonly expected: string;
  readonly found: string;
}

const tellFlaw = ({ field, offset, expected, found }: Flaw): string =>
  `${field}${offset === undefined ? "" : ` at ${hexNumber(offset)}`}: expected ${expected}, got ${found}`;

/** An error that tells every flaw of `what`, one a line. */
export const flawed = (
  code: ErrorCode,
  what: string,
  flaws: readonly Flaw[],
  options: { readonly advice?: string } = {},
): HarnessError =>
  new HarnessError(code, flaws.map((flaw) => `${what}: ${tellFlaw(flaw)}`).join("\n"), {
    ...options,
    details: { flaws },
  });

/** The flaws that an error was made of; for any other error its message. */
export const flawsOf = ({ details, message }: HarnessError): readonly Flaw[] =>
  (details["flaws"] as readonly Flaw[] | undefined) ?? [{ field: "file", expected: "a readable file", found: message }];
