import pc from "picocolors";
import { asHarnessError, type HarnessError } from "../base/errors.js";

/** What a program may read. */
export const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** What a person reads. */
export const tell = (text: string): void => void process.stderr.write(`${text}\n`);

export const printJson = (document: unknown): void => print(JSON.stringify(document, undefined, 2));

/** Colours for stderr, where people read; none without a terminal. */
export const colors = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported);

/** Tells an error and returns the exit code that goes with its blame: 1 for the module or its firmware, 2 for all else. */
export function report(thrown: unknown, json: boolean): number {
  const error = asHarnessError(thrown);
  const { code, blame, message, advice, details } = error;
  if (json) printJson({ error: { code, blame, message, advice, details } });
  tell(`${colors.red(`error ${code}`)} (${blame}): ${message}`);
  tell(colors.dim(`  ${advice}`));
  if (code === "INTERNAL" && process.env["ST67_HIL_DEBUG"] !== undefined) tell(stackOf(error));
  return blame === "module" || blame === "firmware" ? 1 : 2;
}

function stackOf(error: HarnessError): string {
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : (error.stack ?? error.message);
}
