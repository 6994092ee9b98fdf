import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { st67hil } from "../support/cli.js";
import { scratch } from "../support/scratch.js";

test("a rig without SPI: functional and ota are skipped with that reason, and nothing was judged", async () => {
  using folder = scratch();
  const name = `no-spi-${process.pid}`;
  const rig = folder.file("rig.yaml");
  writeFileSync(rig, `name: ${name}\nstraps: { driver: sim }\n`);
  const args = ["run", "--suite", "functional,ota", "--rig", rig, "--out", folder.file("out")];
  const { code } = await st67hil(args);
  const ended = readFileSync(folder.file("out/events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ type }) => type === "case.ended");
  expect(code).toBe(2);
  expect(new Set(ended.map(({ verdict, reason }) => `${verdict}: ${reason}`))).toEqual(
    new Set([`skipped: ${name} has no SPI to the module`]),
  );
  const scenarios = new Set(ended.map(({ scenario }) => scenario));
  expect([...scenarios].sort()).toEqual(
    ["at-basics", "ota", "ota-broken-off", "ota-other-profile", "ota-refused", "ota-then-flash"]
      .concat(["ready-time", "resets", "same-identity", "spi-frames"])
      .sort(),
  );
});
