import { describe, expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import { cheapChecks, notHere } from "../../harness/doctor/cheap.js";
import { devicesOf, rig } from "./rigs.js";
import { BARE, FakeMachine, PI4, PI4_MINI, type Tree } from "./trees.js";

function thrown(tree: Tree, driver: string, path: string | undefined, consumers: Record<number, string> = {}) {
  using machine = new FakeMachine(tree);
  const devices = devicesOf([{ name: "gpiochip0", label: "pinctrl-bcm2711", lines: 58 }], consumers);
  try {
    cheapChecks(rig(driver, path), machine.host, devices);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("nothing to complain of", () => {
  test.each<[string, Tree, string, string | undefined]>([
    ["a Pi that is fit", PI4, "onoff", "/dev/ttyAMA0"],
    ["the mini-UART: slow perhaps, but there", PI4_MINI, "none", "/dev/ttyS0"],
    ["a simulated rig, on any machine", BARE, "sim", undefined],
    ["an export that an earlier run left", { ...PI4, "/sys/class/gpio/gpio529/value": "0" }, "onoff", "/dev/ttyAMA0"],
  ])("%s", (_, tree, driver, path) => {
    expect(thrown(tree, driver, path)).toBeUndefined();
  });
});

describe("one error, held against the rig", () => {
  test.each<[string, Tree, string, string, Record<number, string>, string[]]>([
    ["no GPIO, no port", BARE, "onoff", "/dev/ttyUSB0", {}, ["sysfs-gpio", "gpio-chip", "port-identity"]],
    ["no port, lines of a person", BARE, "manual", "/dev/ttyUSB0", {}, ["port-identity"]],
    ["a line that is held", PI4, "chardev", "/dev/ttyAMA0", { 17: "w1-gpio" }, ["lines-free"]],
    ["a console", { ...PI4, "/proc/consoles": "ttyAMA0 -W-" }, "none", "/dev/ttyAMA0", {}, ["console"]],
    ["in use", { ...PI4, "/proc/9/fd/1": "->/dev/ttyAMA0" }, "none", "/dev/ttyAMA0", {}, ["port-in-use"]],
  ])("%s", (_, tree, driver, path, consumers, ids) => {
    const error = thrown(tree, driver, path, consumers);
    expect(error).toBeInstanceOf(HarnessError);
    const { code, blame, advice, message, details } = error as HarnessError;
    const checks = details["checks"] as { id: string; advice: string }[];
    expect({ code, blame, ids: checks.map(({ id }) => id) }).toEqual({ code: "RIG_UNFIT", blame: "rig", ids });
    expect(advice).toBe(checks[0]?.advice);
    for (const id of ids) expect(message).toContain(`${id}: expected `);
  });
});

test.each<[string, Tree, string, string | undefined, RegExp[]]>([
  ["all there", PI4, "onoff", "/dev/ttyAMA0", []],
  ["simulated", BARE, "sim", undefined, []],
  ["no such port", PI4, "onoff", "/dev/ttyUSB7", [/^\/dev\/ttyUSB7 is not there; /]],
  ["a folder as port", PI4, "onoff", "/dev", [/^\/dev is no serial port$/]],
  ["no GPIO at all", BARE, "chardev", "/dev/ttyS9", [/^no GPIO chip on this machine$/, /^\/dev\/ttyS9 is not there/]],
])("what a new rig file names and this machine has not: %s", (_, tree, driver, path, told) => {
  using machine = new FakeMachine(tree);
  const devices = devicesOf([{ name: "gpiochip0", label: "pinctrl-bcm2711", lines: 58 }], {});
  expect(notHere(rig(driver, path), machine.host, devices)).toEqual(told.map((text) => expect.stringMatching(text)));
});
