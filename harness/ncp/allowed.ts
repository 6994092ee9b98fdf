import { written } from "../base/clean.js";
import { HarnessError } from "../base/errors.js";
import { MTU } from "./transport.js";

/** What burns fuses, writes the flash past its tables, wipes settings or opens the manufacturing test. */
const FORBIDDEN = ["+EFUSE-W", "+EFUSE-CFM", "+FLASH-W", "+FLASH-E", "+RESTORE", "+MFG"];
const LINE_END_BYTES = 2;
const LONGEST = MTU - LINE_END_BYTES;

/**
 * Holds one command, without its line end, against what is never sent. A forbidden one is found wherever it stands in the
 * text, in any case and whatever is strewn into it: a module may read past what we would not.
 *
 * @throws HarnessError AT_FORBIDDEN; USAGE for what is no single line of printable ASCII that begins with AT.
 */
export function refuseUnsafe(text: string): void {
  const letters = text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^A-Z0-9+-]/g, "");
  const forbidden = FORBIDDEN.find((each) => letters.includes(each));
  if (forbidden !== undefined)
    throw new HarnessError("AT_FORBIDDEN", `${JSON.stringify(text.slice(0, 80))} is not sent: AT${forbidden} is in it`);
  const odd = /[^ -~]/u.exec(text)?.[0];
  if (odd !== undefined) throw usage(`printable ASCII on one line, got ${written(odd)} in it`);
  if (text.length > LONGEST) throw usage(`at most ${LONGEST} characters, got ${text.length}`);
  if (!/^AT/i.test(text)) throw usage(`one that begins with AT, got ${JSON.stringify(text.slice(0, 80))}`);
}

const usage = (expected: string): HarnessError => new HarnessError("USAGE", `AT command: expected ${expected}`);
