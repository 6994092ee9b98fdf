import { writeFileSync } from "node:fs";
import { test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../../harness/base/errors.js";
import { loadRig } from "../../../rigs/file/load.js";
import { rigFile } from "../rig-file.js";

test("any text, and any --set, is a rig or one of our errors", () => {
  const ours = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
    }
  };
  const piece = fc.constantFrom(
    "name",
    ": ",
    "\n",
    "  ",
    "\t",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a ",
    "*a",
    "'",
    '"',
    "!x ",
    "%",
    "straps",
    "driver",
    "sim",
    "#",
    "~",
    "1e999",
    "? ",
    "|",
    "<<",
  );
  const yaml = fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 25 }).map((parts) => parts.join(""));
  const file = rigFile("");
  fc.assert(
    fc.property(yaml, (text) => {
      writeFileSync(file, text);
      ours(() => loadRig(file));
    }),
    { numRuns: 500 },
  );
  const path = fc
    .array(
      fc.oneof(
        fc.constantFrom("sim", "link", "labels", "0", "straps", "boot", "bcm", "__proto__"),
        fc.string({ maxLength: 3 }),
      ),
    )
    .map((steps) => steps.join("."));
  fc.assert(
    fc.property(path, yaml, (steps, value) => ours(() => loadRig("sim", [`${steps}=${value}`]))),
    { numRuns: 500 },
  );
});
