import { expect, test } from "@jest/globals";
import { benchOptions, commandAt } from "./options.js";

const of = (...args: string[]) => benchOptions(args, ["a", "b"]);

test("all groups, five times, nothing beside", () => {
  expect(of()).toEqual({ json: false, runs: 5, groups: [] });
});

test("groups, runs, and another flasher's command as one argument", () => {
  expect(of("b", "a", "--json", "--runs", "3", "--beside", "flash --port={port} x.bin")).toEqual({
    json: true,
    runs: 3,
    groups: ["b", "a"],
    beside: "flash --port={port} x.bin",
  });
});

test.each([
  [["z"], "expected groups among a b, got z"],
  [["--runs", "0"], "--runs: expected 1 to 9999, got 0"],
  [["--runs", "five"], "--runs: expected 1 to 9999, got five"],
  [["--runs", "2.5"], "--runs: expected 1 to 9999, got 2.5"],
  [["--beside", ""], "--beside: expected a command with {port} in it, got "],
  [["--beside", "flash /dev/ttyUSB0"], "--beside: expected a command with {port} in it, got flash /dev/ttyUSB0"],
  [["b", "--beside", "flash {port}"], "--beside: group a alone has it, got b"],
  [["--besides", "flash {port}"], "Unknown option '--besides'"],
])("%j is refused", (args, why) => {
  expect(() => of(...args)).toThrow(why);
});

test("every {port} becomes the port, as it is", () => {
  expect(commandAt("/tmp/$&/port", "stty -F {port}; flash --port={port}")).toBe(
    "stty -F /tmp/$&/port; flash --port=/tmp/$&/port",
  );
});
