import { symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { GpioDevice, gpioDevices } from "../../harness/native/gpio.js";
import { scratch } from "../support/scratch.js";

test("each chip is listed once, in the order of its numbers, whatever links to it", () => {
  using folder = scratch();
  symlinkSync("/dev/zero", folder.file("gpiochip10"));
  symlinkSync("/dev/null", folder.file("gpiochip2"));
  symlinkSync("/dev/null", folder.file("gpiochip4"));
  writeFileSync(folder.file("gpiomem"), "");
  expect(gpioDevices(folder.path)).toEqual([folder.file("gpiochip2"), folder.file("gpiochip10")]);
});

test("a folder without chips has none", () => {
  using folder = scratch();
  expect(gpioDevices(folder.path)).toEqual([]);
});

test("a device that is no GPIO chip is told by its name", () => {
  using device = new GpioDevice("/dev/null");
  const refused = expect.objectContaining({
    code: "GPIO_UNAVAILABLE",
    message: expect.stringMatching(/^\/dev\/null.*: the kernel refused with errno 25$/),
    details: { errno: 25 },
  });
  expect(() => device.info()).toThrow(refused);
  expect(() => device.lineInfo(3)).toThrow(refused);
  expect(() => device.take(3, "somebody")).toThrow(refused);
});

test("a device that is not there is the system's own error", () => {
  expect(() => new GpioDevice("/dev/gpiochip-none")).toThrow(expect.objectContaining({ code: "ENOENT" }));
});
