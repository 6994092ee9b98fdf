import type { Story } from "../../../reports/story.js";
import { strapMapOf } from "../../../reports/strap-map.js";
import { strapMapLines } from "../../../reports/strap-map-text.js";
import type { SweepPlan } from "../../base/events.js";
import { dispatch } from "../../run/lanes/dispatcher.js";
import type { Course } from "./course.js";

/** Each point in the order in which it was drawn, and a map of them. */
export function sweepCourse(plan: SweepPlan): Course {
  return {
    started: { sweep: plan },
    erases: () => 0,
    conduct: ({ cases, ...parts }) =>
      dispatch({
        ...parts,
        groups: [cases],
      }),
    told(story: Story) {
      const { rigs, interrupted, counts } = story.summary;
      const map = strapMapOf(story.rows()) ?? { points: [], working: null, margins: null };
      const lines = map.points.length === 0 ? [] : ["", ...strapMapLines(map), ""];
      return { document: { ...map, rigs, interrupted, counts }, lines };
    },
  };
}
