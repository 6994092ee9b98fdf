import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import type { Step } from "../../harness/flash/step.js";
import { COMMANDS, commandOf } from "../../harness/protocol/commands.js";
import { decodeFrame } from "../../harness/protocol/frames.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { bytes } from "../support/golden.js";
import { syntheticSet } from "../support/package.js";
import { tapped } from "../support/tap.js";

/** What a step puts on the line, as the names of its commands; chunks are counted. */
function commandsOf(step: Step): string[] {
  switch (step.op) {
    case "erase-chip":
      return ["flashChipErase"];
    case "parameters":
      return ["flashSetPara"];
    case "erase":
      return ["flashErase"];
    case "write": {
      const name = step.mode === "xz" ? "flashDecompressWrite" : "flashWrite";
      return Array.from({ length: Math.ceil(step.payload.length / 2048) }, () => name);
    }
    case "write-check":
      return ["flashWriteCheck"];
    case "blank-check":
    case "verify-again":
    case "verify":
      return ["xipReadStart", "flashXipReadSha", "xipReadFinish"];
    case "read-back":
      return Array.from({ length: Math.ceil(step.data.length / 2048) }, () => "flashRead");
  }
}

const nameOf = (frame: string): string => commandOf(decodeFrame(bytes(frame))?.frame.opcode ?? 0) ?? frame;

test.each([
  ["as the ini says", {}, "t02"],
  ["only the needed sectors, plainly, read back", { erase: "needed", compress: "off", verify: "read" }, "t02"],
  ["mfg: an erase before each file", {}, "mfg"],
] as const)("a plan is exactly what is then sent: %s", async (_, options, profile) => {
  const { rig, deadline } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const session = await openModule({ ...rig, wire }, deadline);
  const plan = planOf(syntheticSet(profile), options);
  sent.length = 0;
  await programModule(session, plan, deadline);
  expect(sent.map(nameOf)).toEqual(["efuseRead", ...plan.steps.flatMap(commandsOf)]);
});

test("the addresses and lengths of a plan are those on the line", async () => {
  const { rig, deadline } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const session = await openModule({ ...rig, wire }, deadline);
  const plan = planOf(syntheticSet("mfg"));
  sent.length = 0;
  await programModule(session, plan, deadline);
  const words = (opcode: number) =>
    sent.flatMap((frame) => {
      const found = decodeFrame(bytes(frame))?.frame;
      if (found?.opcode !== opcode) return [];
      const view = new DataView(found.payload.buffer, found.payload.byteOffset);
      return [[view.getUint32(0, true), view.getUint32(4, true)]];
    });
  expect(words(COMMANDS.flashErase.opcode)).toEqual(
    plan.steps.flatMap((step) => (step.op === "erase" ? [[step.start, step.end - 1]] : [])),
  );
  expect(words(COMMANDS.flashXipReadSha.opcode)).toEqual(
    plan.steps.flatMap((step) =>
      step.op.startsWith("verify") && "sha256" in step ? [[step.address, step.bytes]] : [],
    ),
  );
});
