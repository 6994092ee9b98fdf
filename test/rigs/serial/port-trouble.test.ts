import { closeSync, openSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { holdersOf } from "../../../rigs/serial/holders.js";
import { checkPort, openingError } from "../../../rigs/serial/port-trouble.js";
import { scratch } from "../../support/scratch.js";
import { thrownBy } from "../support.js";

test("what is no serial port is refused before anything is opened", () => {
  expect(() => checkPort("/dev/null")).not.toThrow();
  const missing = thrownBy(() => checkPort("/dev/ttyNone7"));
  expect(missing).toMatchObject({
    code: "PORT_UNAVAILABLE",
    blame: "rig",
    message: "/dev/ttyNone7: the port cannot be opened: no such port: it is not plugged in, or has another name",
  });
  expect(missing.advice).toContain("/dev/serial/by-id");
  using folder = scratch();
  const file = folder.file("file");
  writeFileSync(file, "");
  expect(thrownBy(() => checkPort(file)).message).toBe(
    `${file}: the port cannot be opened: expected a serial port, found a file or folder`,
  );
});

test("without permission, the group that has it is told", () => {
  const error = openingError("/dev/null", new Error("Error: Permission denied, cannot open /dev/null"));
  expect(error.message).toContain("this user may not read and write it; members of the group root may");
  expect(error.advice).toMatch(/^Run `sudo usermod -aG root \S+`, then log out and in again\.$/);
  expect(openingError("/dev/gone", new Error("Permission denied")).advice).toContain("-aG dialout ");
});

test.each([
  ["Error Resource temporarily unavailable Cannot lock port"],
  ["Error: Device or resource busy, cannot open x"],
])("who holds a port is told, where the system tells: %s", (text) => {
  using folder = scratch();
  const file = folder.file("file");
  writeFileSync(file, "");
  expect(openingError(file, new Error(text)).message).toContain("in use by another program");
  const held = openSync(file, "r");
  expect(holdersOf(file)).toEqual([{ pid: process.pid, command: expect.any(String) }]);
  expect(openingError(file, new Error(text)).message).toContain(`(pid ${process.pid})`);
  closeSync(held);
});

test("anything else is told as the system says it", () => {
  const cause = new Error("Error: Input/output error, cannot open /dev/x");
  expect(openingError("/dev/x", cause)).toMatchObject({
    code: "PORT_UNAVAILABLE",
    message: "/dev/x: the port cannot be opened: Error: Input/output error, cannot open /dev/x",
    cause,
  });
  expect(openingError("/dev/x", "odd").message).toBe("/dev/x: the port cannot be opened: odd");
});
