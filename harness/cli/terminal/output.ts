import pc from "picocolors";
import { clean, jsonOf } from "../../base/clean.js";
import { asHarnessError, HarnessError, reasonOf, unfolded } from "../../base/errors.js";

/** Puts colours on what is shown, which has none of its own any more. */
type Paint = (text: string) => string;

const unpainted: Paint = (text) => text;

/** What a program may read. */
export const print = (text: string, paint = unpainted): void => void process.stdout.write(`${paint(clean(text))}\n`);

/** What a person reads. */
export const tell = (text: string, paint = unpainted): void => void process.stderr.write(`${paint(clean(text))}\n`);

export const printJson = (document: unknown): void => print(jsonOf(document, 2));

/** Colours for stderr, where people read; none without a terminal. */
export const colors = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported);

/**
 * Tells an error, and those that came with it. @returns the exit code that goes with the first one's blame: 1 for the
 * module or its firmware, 2 for all else.
 *
 * @param facts what the document says besides: which rig that was.
 */
export function report(thrown: unknown, json: boolean, facts: object = {}): number {
  const [error, ...others] = unfolded(thrown).map(asHarnessError);
  if (error === undefined) return 2;
  if (json) printJson({ ...facts, error: plain(error), ...(others.length > 0 && { others: others.map(plain) }) });
  for (const each of [error, ...others]) tellError(each);
  return error.blame === "module" || error.blame === "firmware" ? 1 : 2;
}

/**
 * As `report`, for work that was called off: what failed because of that is no news, but for lines that are not safe and for
 * what a flash is left with.
 */
export function reportCalledOff(reason: unknown, thrown: unknown, json: boolean, facts: object = {}): number {
  const unsafe = unfolded(thrown).filter((error) => error instanceof HarnessError && error.code === "RIG_NOT_SAFE");
  return report(new AggregateError([reasonOf(reason, thrown), ...unsafe]), json, facts);
}

const plain = (error: HarnessError) => {
  const { code, blame, message, details, diagnosis } = error;
  return { code, blame, message, advice: adviceOf(error), details, ...(diagnosis.length > 0 && { diagnosis }) };
};

/** Where a flash was left half done, the command that was given is the one that begins it anew; without an erase it is not. */
function adviceOf({ advice, details }: HarnessError): string {
  const flash = details["flash"] as { readonly erase?: unknown } | undefined;
  if (flash === undefined || flash.erase === "none") return advice;
  return `${advice} The command: st67-hil ${process.argv.slice(2).map(quoted).join(" ")}`;
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function tellError(error: HarnessError): void {
  const { code, blame, message } = error;
  const head = `error ${code}`;
  tell(`${head} (${blame}): ${message}`, (text) => colors.red(head) + text.slice(head.length));
  tell(`  ${adviceOf(error)}`, colors.dim);
  for (const line of error.diagnosis) tell(`  ${line}`, colors.dim);
  if (code === "INTERNAL" && process.env["ST67_HIL_DEBUG"] !== undefined) tell(stackOf(error));
}

function stackOf(error: HarnessError): string {
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : (error.stack ?? error.message);
}
