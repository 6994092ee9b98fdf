/** The last line of the machine under test, with the exit code of what ran in there. */
export const EXIT_MARK = "@exit";
/** Before the milliseconds that the host takes to start node, in its words to the machine under test. */
export const HOST_START = "node=";
const CHECK_MARK = "@check";

/** What one check found, as the machine under test tells it over its console: one line a check. */
export interface Check {
  readonly name: string;
  readonly passed: boolean;
  readonly ms: number;
  /** What was measured, for people; the reason first where it did not pass. */
  readonly facts: readonly string[];
}

export const tellCheck = (check: Check): string => `${CHECK_MARK} ${JSON.stringify(check)}`;

/** A line of the console, understood: kernels and programs print there too. */
export type Heard = { readonly check: Check } | { readonly exitCode: number } | { readonly text: string };

export function hearLine(line: string): Heard {
  const text = line.trimEnd();
  if (text.startsWith(`${EXIT_MARK} `)) {
    const exitCode = Number(text.slice(EXIT_MARK.length));
    if (Number.isInteger(exitCode)) return { exitCode };
  }
  const check = text.startsWith(`${CHECK_MARK} `) ? parseCheck(text.slice(CHECK_MARK.length)) : undefined;
  return check === undefined ? { text } : { check };
}

/** A damaged line is text: the check that it told of is then missing, which the host notices by the count. */
function parseCheck(json: string): Check | undefined {
  try {
    const { name, passed, ms, facts } = JSON.parse(json) ?? {};
    const whole = typeof name === "string" && typeof passed === "boolean" && typeof ms === "number";
    return whole && Array.isArray(facts) ? { name, passed, ms, facts: facts.map(String) } : undefined;
  } catch {
    return undefined;
  }
}
