import type { Interrupt } from "../terminal/interrupt.js";
import type { Course } from "./course.js";
import { checkOutputs, placeOf } from "./outputs.js";
import { type RunArgs, runOn } from "./run.js";

/** A new run of another command than `run`, in the folder that was asked for. @throws HarnessError as `checkOutputs`. */
export function runAnew(
  args: RunArgs & Parameters<typeof placeOf>[0] & Parameters<typeof checkOutputs>[1],
  interrupt: Interrupt,
  course: Course,
): Promise<number> {
  const place = placeOf(args);
  checkOutputs(place, args, false);
  return runOn(args, { place, quarantine: [], resumed: undefined }, interrupt, course);
}
