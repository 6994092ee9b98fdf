import { describe, expect, test } from "@jest/globals";
import { Deadline } from "../../harness/base/time.js";
import type { Opening } from "../../harness/doctor/facts.js";
import { tryRates } from "../../harness/doctor/open-port.js";
import { clockFor } from "../../rigs/open.js";
import { simulatedBay } from "../../rigs/simulated-bay.js";
import { checksOf, FTDI, opened, rig } from "./rigs.js";
import { FakeMachine, PI4, type Tree, usb } from "./trees.js";

function simulated() {
  const config = rig("sim", undefined);
  const clock = clockFor(config);
  return { clock, bay: simulatedBay(config, clock) };
}

describe("opening the port", () => {
  const ftdi = { ...PI4, ...usb({ ...FTDI, latency: 16 }) };

  test("a rate that is not made names the adapter and its limit; with auto it is a warning", async () => {
    using machine = new FakeMachine(PI4, usb({ driver: "cp210x", id: "10c4:ea60" }));
    const open = opened({}, "expected 2000000 Bd; the UART gave 1000000 Bd");
    const checks = await checksOf(machine, rig("none", "/dev/ttyUSB0"), { open });
    expect(checks.get("actual-baud")).toMatchObject({
      status: "failed",
      found: "expected 2000000 Bd; the UART gave 1000000 Bd",
      advice: expect.stringMatching(/loadBaud.*CP2102.*1000000 or 3000000 Bd/),
    });
    const auto = await checksOf(machine, rig("none", "/dev/ttyUSB0", { serial: { loadBaud: "auto" } }), { open });
    expect(auto.get("actual-baud")?.status).toBe("warned");
  });

  test("what holds while it is open counts: clock and latency", async () => {
    using machine = new FakeMachine(ftdi);
    const checks = await checksOf(machine, rig("none", "/dev/ttyUSB0"), { open: opened({ latency: 1 }) });
    expect(checks.get("ftdi-latency")).toMatchObject({
      status: "passed",
      found: "16 ms at rest, 1 ms while it is open",
    });
    using pi = new FakeMachine(PI4);
    const slow = await checksOf(pi, rig("none", "/dev/ttyAMA0"), { open: opened({ uartclk: 3_000_000 }) });
    expect(slow.get("uart-clock")?.status).toBe("failed");
  });

  const never = async (): Promise<Opening> => {
    throw new Error("the port was opened");
  };

  test("DTR and RTS would move: it stays closed", async () => {
    using machine = new FakeMachine(ftdi);
    const checks = await checksOf(machine, rig("modem", "/dev/ttyUSB0"), { open: never });
    expect(checks.get("actual-baud")).toMatchObject({
      status: "not-applicable",
      found: "not tried: opening the port moves BOOT and CHIP_EN; --active opens it",
    });
  });

  test("a rig on DTR and RTS that was opened all the same: what came of that counts", async () => {
    using machine = new FakeMachine(ftdi);
    const opening = await opened({ latency: 1 })();
    const checks = await checksOf(machine, rig("modem", "/dev/ttyUSB0"), { open: never, opening });
    expect(checks.get("actual-baud")?.status).toBe("passed");
  });

  test("rates are tried on a rig's own wire, the fastest last", async () => {
    using machine = new FakeMachine(ftdi);
    const config = rig("modem", "/dev/ttyUSB0");
    const { clock, bay } = simulated();
    const deadline = Deadline.in(10_000, "the test", clock);
    await using open = await bay.open(deadline);
    expect(await tryRates(config, open.wire, machine.host, deadline)).toEqual({
      opened: true,
      rates: [500_000, 2_000_000].map((baud) => ({ baud, trouble: undefined })),
      live: { uartclk: undefined, latency: 16 },
    });
    expect(open.wire.baud).toBe(2_000_000);
  });

  test.each<[string, Tree, string]>([
    ["somebody has it", { "/proc/4711/fd/5": "->/dev/ttyUSB0", "/proc/4711/comm": "minicom" }, "/dev/ttyUSB0"],
    ["it is not there", {}, "/dev/ttyUSB7"],
    ["it is no port", { "/dev/note": "" }, "/dev/note"],
  ])("%s: it stays closed", async (_, tree, path) => {
    using machine = new FakeMachine(ftdi, tree);
    const checks = await checksOf(machine, rig("none", path), { open: never });
    expect(checks.get("actual-baud")?.status).toBe("not-applicable");
  });

  test("what only the opening shows: the port is busy", async () => {
    using machine = new FakeMachine(ftdi);
    const open = async (): Promise<Opening> => ({ opened: false, why: "in use by another program", busy: true });
    const checks = await checksOf(machine, rig("none", "/dev/ttyUSB0"), { open });
    expect(checks.get("port-in-use")).toMatchObject({ status: "failed", found: "in use by another program" });
  });
});
