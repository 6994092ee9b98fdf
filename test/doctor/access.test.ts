import { expect, test } from "@jest/globals";
import { readFacts } from "../../harness/doctor/examine.js";
import { access } from "../../harness/doctor/gpio-rules.js";
import { devicesOf, rig } from "./rigs.js";
import { FakeMachine, PI4 } from "./trees.js";

/** Facts of a user who is no member of anything: the tests' own user may be root, to whom nothing is closed. */
function factsOf(machine: FakeMachine, driver: string, closed: { gpio?: boolean; port?: boolean }) {
  const facts = readFacts(rig(driver, "/dev/ttyAMA0"), machine.host, devicesOf());
  const { machine: read, port } = facts;
  return {
    ...facts,
    machine: {
      ...read,
      user: "ada",
      groups: ["ada"],
      sysfsGpio: closed.gpio ? ("forbidden" as const) : read.sysfsGpio,
      devices: read.devices.map(({ path }) => ({ path, mayUse: !closed.gpio })),
    },
    port: port && { ...port, gid: 20, mayUse: !closed.port },
  };
}

test.each([
  ["onoff", { gpio: true }, "may not use /sys/class/gpio/export", "sudo usermod -aG gpio ada"],
  ["chardev", { gpio: true }, "may not use /dev/gpiochip0", "sudo usermod -aG gpio ada"],
  ["none", { port: true }, "may not use /dev/ttyAMA0", "sudo usermod -aG dialout ada"],
  ["onoff", { gpio: true, port: true }, "/sys/class/gpio/export, /dev/ttyAMA0", "sudo usermod -aG gpio,dialout ada"],
])("%s, closed %p", (driver, closed, found, advice) => {
  using machine = new FakeMachine(PI4);
  expect(access.judge(factsOf(machine, driver, closed))).toEqual({
    status: "failed",
    found: expect.stringContaining(found),
    advice: expect.stringContaining(advice),
  });
});

test("what may be used is listed", () => {
  using machine = new FakeMachine(PI4);
  expect(access.judge(factsOf(machine, "onoff", {}))).toMatchObject({
    status: "passed",
    found: "/sys/class/gpio/export, /dev/ttyAMA0",
  });
});
