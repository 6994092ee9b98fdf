import { describe, expect, test } from "@jest/globals";
import { checksOf, devicesOf, rig } from "./rigs.js";
import { FakeMachine, PI4 } from "./trees.js";

describe("the kernel's word on lines", () => {
  const chips = [{ name: "gpiochip0", label: "pinctrl-bcm2711", lines: 58 }];

  test.each(["onoff", "chardev"])("%s: a line that somebody holds is told with its holder", async (driver) => {
    using machine = new FakeMachine(PI4);
    const checks = await checksOf(machine, rig(driver, "/dev/ttyAMA0"), {
      devices: devicesOf(chips, { 27: "w1-gpio" }),
    });
    expect(checks.get("lines-free")).toMatchObject({ status: "failed", found: "chipEn is held by w1-gpio" });
  });

  test("chardev: a line that is exported in sysfs cannot be had", async () => {
    using machine = new FakeMachine(PI4, { "/sys/class/gpio/gpio529/direction": "in" });
    const checks = await checksOf(machine, rig("chardev", "/dev/ttyAMA0"), { devices: devicesOf(chips) });
    expect(checks.get("lines-free")).toMatchObject({
      status: "failed",
      advice: expect.stringContaining("echo 529 > /sys/class/gpio/unexport"),
    });
    expect(checks.get("gpio-chip")?.status).toBe("passed");
  });

  test("chardev without a device; onoff does without", async () => {
    using machine = new FakeMachine(
      Object.fromEntries(Object.entries(PI4).filter(([path]) => !path.startsWith("/dev/gpio"))),
    );
    expect((await checksOf(machine, rig("chardev", "/dev/ttyAMA0"))).get("character-device")?.status).toBe("failed");
    const onoff = await checksOf(machine, rig("onoff", "/dev/ttyAMA0"));
    expect(onoff.get("character-device")?.status).toBe("not-applicable");
  });
});
