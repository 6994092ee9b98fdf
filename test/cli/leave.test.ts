import { expect, test } from "@jest/globals";
import { leaveModule } from "../../harness/cli/bench/leave.js";
import { SILENT } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";

test.each([
  ["run", true],
  ["off", true],
  ["rom", false],
  [undefined, false],
] as const)("a rig without lines leaves the module in its ROM: --leave %s", async (asked, told) => {
  const { rig, deadline } = simBench({}, { straps: undefined });
  const notes: string[] = [];
  const observer = { ...SILENT, note: (message: string) => void notes.push(message) };
  await leaveModule(rig, { asked, usual: "run", worked: "run" }, false, deadline, observer);
  expect(notes).toEqual(told ? [`${rig.name}: not left as ${asked}: it drives no lines`] : []);
});
