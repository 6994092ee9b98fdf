import type { Fault, Outcome } from "../../base/events.js";

const TEXT_CHARS = 4000;

/** `fault` as it may be told outside of a case, where no file keeps the whole of a long text. */
export function short({ code, blame, message, advice, details, diagnosis, at }: Fault): Fault {
  return {
    code,
    blame,
    message: message.slice(0, TEXT_CHARS),
    advice: advice.slice(0, TEXT_CHARS),
    ...(details !== undefined && JSON.stringify(details).length <= TEXT_CHARS && { details }),
    ...(diagnosis !== undefined && { diagnosis: diagnosis.map((line) => line.slice(0, TEXT_CHARS)) }),
    ...(at !== undefined && { at }),
  };
}

export const shortOutcome = ({ fault, ...rest }: Outcome): Outcome => ({
  ...rest,
  ...(fault !== undefined && { fault: short(fault) }),
});
