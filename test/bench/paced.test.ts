import { expect, test } from "@jest/globals";
import { timeOfCommand } from "./figures.js";
import { PacedModule } from "./paced.js";

test("another flasher that does nothing and ends with 0 is not compared, whatever was flashed before it", async () => {
  await using module = await PacedModule.start([]);
  await module.flash();
  await expect(module.flashBy("test -e {port}")).rejects.toThrow(
    "test -e {port}: it ended with 0, and verify does not find the images",
  );
});

test("one that fails is not compared, and what it said is told", () => {
  expect(() => timeOfCommand("echo no answer; exit 3")).toThrow("-c echo no answer; exit 3 ended with 3: no answer");
});
