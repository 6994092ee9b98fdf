import { expect, test } from "@jest/globals";
import { planOf } from "../../harness/flash/plan.js";
import type { Firmware } from "../../harness/run/scenario.js";
import { changed } from "../../harness/run/variant.js";
import { syntheticSet } from "../support/package.js";

const load = () => syntheticSet("t01");
const T01: Firmware = { profile: "t01", version: "2.0.106", label: "t01@2.0.106", load, plan: () => planOf(load()) };

test("another way to erase is another plan, under a label of its own", () => {
  const byFile = changed(T01, "file by file", { erase: 1 });
  expect(byFile.label).toBe("t01@2.0.106 file by file");
  expect(byFile.plan().steps.some(({ op }) => op === "erase-chip")).toBe(false);
  expect(T01.plan().steps[0]).toEqual({ op: "erase-chip" });
});

test("what is wrong with a changed image is refused with its plan", () => {
  const cut = changed(T01, "cut", { image: ({ bytes }) => bytes.subarray(0, bytes.length - 16) });
  expect(() => cut.plan()).toThrow(expect.objectContaining({ code: "IMAGE_INVALID" }));
});

test.each<[unknown, string]>([
  [{ erase: 3 }, "changed: erase: expected 0, 1 or 2, got 3"],
  [{ image: () => "x" }, "changed: image, for st67w611m_boot2_v8.1.9.bin: expected bytes, got 'x'"],
])("%j: refused with what was expected", (change, message) => {
  const plan = () => changed(T01, "wrong", change as Parameters<typeof changed>[2]).plan();
  expect(plan).toThrow(expect.objectContaining({ code: "SCENARIO_INVALID", message }));
});
