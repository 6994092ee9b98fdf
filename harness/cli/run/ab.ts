import { AB_HEAD, abTable } from "../../../reports/ab-text.js";
import type { Story } from "../../../reports/story.js";
import { cycleName } from "../../ab/sides.js";
import { HarnessError } from "../../base/errors.js";
import type { AbPlan } from "../../base/events.js";
import type { Chosen } from "../../run/lanes/choose.js";
import { dispatch } from "../../run/lanes/dispatcher.js";
import { table } from "../terminal/table.js";
import type { Course } from "./course.js";

/** Both firmwares in turn on one rig, so that heat, wear and the time of day are the same for both. */
export function abCourse(plan: AbPlan): Course {
  return {
    started: { ab: plan, cases: 2 * plan.cycles },
    erases: () => 2 * plan.cycles,
    async conduct({ cases, ...parts }) {
      const [a, b] = [caseOf(plan.a, plan.b, cases), caseOf(plan.b, plan.a, cases)];
      const groups = Array.from({ length: plan.cycles }, (_, index) => [
        { ...a, as: cycleName("a", a.name, index + 1) },
        { ...b, as: cycleName("b", b.name, index + 1) },
      ]);
      await dispatch({
        ...parts,
        groups,
      });
    },
    told({ summary: { ab, interrupted } }: Story) {
      if (ab === undefined) return { document: {}, lines: [] };
      return { document: { ...ab, interrupted }, lines: ["", ...table([[...AB_HEAD], ...abTable(ab)])] };
    },
  };
}

/** The case that ends with a firmware; of several the one that leads there from the other. @throws HarnessError USAGE. */
function caseOf(label: string, other: string, cases: readonly Chosen[]): Chosen {
  const found = cases.filter(({ after }) => after === label);
  const [one] = found.length > 1 ? found.filter(({ before }) => before === other) : found;
  if (one !== undefined) return one;
  const there = [...new Set(cases.map(({ after }) => after))].filter((after) => after !== undefined).join(", ");
  throw new HarnessError(
    "USAGE",
    `${label}: expected one case of the scenario that ends with it, found ${found.length}; there is ${there || "none"}`,
  );
}
