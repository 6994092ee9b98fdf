import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import { loadRig } from "../../../rigs/file/load.js";
import { hardwareBay } from "../../../rigs/hardware.js";
import { openGpioStraps } from "../../../rigs/lines/gpio.js";
import { gpioError } from "../../../rigs/lines/gpio-trouble.js";
import { rigFile } from "../rig-file.js";
import { mockPort } from "../serial/mock-port.js";
import { mistakesOf } from "../support.js";

const configOf = (straps: string) => loadRig(rigFile(`name: bench\nstraps: ${straps}\nserial: { path: /dev/null }\n`));
const lines = (driver: string) => configOf(`{ driver: ${driver}, boot: { bcm: 17 }, chipEn: { bcm: 27 } }`);
const soon = () => Deadline.in(60_000, "the test", new SystemClock());

const noGpio =
  !existsSync("/sys/class/gpio/export") && !readdirSync("/dev").some((name) => name.startsWith("gpiochip"));
const withoutGpio = noGpio ? test : test.skip;

withoutGpio("on a machine without GPIO, chardev says that there is no chip", async () => {
  await expect(openGpioStraps(lines("chardev"), soon())).rejects.toMatchObject({
    code: "GPIO_NOT_FOUND",
    message: expect.stringMatching(/^bench: straps\.boot: expected one chip .*; found no GPIO chip$/),
  });
});

withoutGpio("on a machine without GPIO files, onoff says so and names the other driver", async () => {
  await expect(openGpioStraps(lines("onoff"), soon())).rejects.toMatchObject({
    code: "GPIO_UNAVAILABLE",
    message: "bench: straps.boot: /sys/class/gpio does not exist",
    advice: expect.stringContaining("chardev"),
  });
});

withoutGpio.each(["onoff", "chardev"])("a rig whose lines are not there closes its port again: %s", async (driver) => {
  const { calls, makePort, clock } = mockPort({ path: "/dev/null" });
  const bay = hardwareBay(lines(driver), clock, { makePort });
  expect(bay).toMatchObject({ simulated: false });
  await expect(bay.open(Deadline.in(60_000, "the test", clock))).rejects.toMatchObject({
    blame: expect.stringMatching(/rig|config/),
  });
  expect(calls.at(-1)).toBe("close");
});

test.each([
  ["EACCES", /this user may not read and write \/sys\/x; members of the group gpio may/, /usermod -aG gpio/],
  ["EBUSY", /held by "lirc"/, /End what uses the line/],
  ["ENOENT", /\/sys\/x does not exist/, /chardev/],
  ["EINVAL", /bench: boot: EINVAL: invalid argument, write/, /./],
])("the system's %s in our words", (code, message, advice) => {
  const cause = Object.assign(new Error(`${code}: invalid argument, write`), { code });
  const error = gpioError("bench: boot", "/sys/x", cause, () => '"lirc"');
  expect(error).toMatchObject({ code: "GPIO_UNAVAILABLE", blame: "rig", cause });
  expect(error.message).toMatch(message);
  expect(error.advice).toMatch(advice);
});

test("each driver's forms of a line are told with the rig file", () => {
  const file = (driver: string) =>
    rigFile(
      `name: a\nstraps:\n  driver: ${driver}\n  boot: { sysfs: 529 }\n  chipEn: { line: rts }\n  ready: { line: dtr }\n` +
        "serial: { path: /dev/x }\nsafeState: { power: off }\n",
    );
  const found = "found a group of fields";
  const power =
    'bench.yaml:8:21: safeState.power: expected on: this rig has no straps.power to switch it off; found "off"';
  const onoff = "expected { bcm }, { chip, offset } or { sysfs }, with the driver onoff";
  expect(mistakesOf(() => loadRig(file("onoff")))).toEqual([
    `bench.yaml:5:3: straps.chipEn: ${onoff}; ${found}`,
    `bench.yaml:6:3: straps.ready: ${onoff}; ${found}`,
    power,
  ]);
  const chardev = "expected { bcm } or { chip, offset }, with the driver chardev";
  expect(mistakesOf(() => loadRig(file("chardev")))).toEqual([
    `bench.yaml:4:3: straps.boot: ${chardev}; ${found}`,
    `bench.yaml:5:3: straps.chipEn: ${chardev}; ${found}`,
    `bench.yaml:6:3: straps.ready: ${chardev}; ${found}`,
    power,
  ]);
});
