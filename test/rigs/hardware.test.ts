import { expect, test } from "@jest/globals";
import { strap } from "../../harness/session/strap.js";
import { loadRig } from "../../rigs/file/load.js";
import { hardwareBay } from "../../rigs/hardware.js";
import { rigFile } from "./rig-file.js";
import { mockPort } from "./serial/mock-port.js";
import { mistakesOf, scriptedTerminal } from "./support.js";

/** A device that is there, so that the check before the opening passes; the mock binding stands in for it. */
const DEVICE = "/dev/null";
const MODEM = "{ driver: modem, boot: { line: rts, active: low }, chipEn: { line: dtr, active: low } }";

const configOf = (straps: string, more = "") =>
  loadRig(
    rigFile(`name: bench\nstraps: ${straps}\nserial: { path: ${DEVICE}, bootBaud: 115200, loadBaud: auto }\n${more}`),
  );

function bench(straps: string, { more = "", quirks = {}, person = scriptedTerminal() } = {}) {
  const port = mockPort({ path: DEVICE, quirks });
  const bay = hardwareBay(configOf(straps, more), port.clock, {
    makePort: port.makePort,
    terminal: person.terminal,
  });
  return { ...port, ...person, bay };
}

/** DTR and RTS as they were set: D and R where raised. */
const flags = (calls: string[]) =>
  calls.map((call) =>
    call.startsWith("set ")
      ? `${call.includes('"dtr":true') ? "D" : "-"}${call.includes('"rts":true') ? "R" : "-"}`
      : call,
  );

test("none: a wire and no lines", async () => {
  const { bay, calls, soon, opened } = bench("{ driver: none }");
  expect(bay).toMatchObject({ name: "bench", labels: [], simulated: false });
  const rig = await bay.open(soon);
  expect(rig).toMatchObject({
    name: "bench",
    straps: undefined,
    bootBaud: 115_200,
    loadBaud: "auto",
    chipId: undefined,
  });
  expect(rig.wire.baud).toBe(115_200);
  expect(opened).toMatchObject([{ path: DEVICE, baudRate: 115_200 }]);
  await expect(strap(rig, "rom", soon)).rejects.toMatchObject({ code: "LINES_NOT_DRIVEN" });
  await rig[Symbol.asyncDispose]();
  expect(flags(calls)).toEqual(["DR", "close"]);
});

test("modem: held in reset, strapped with the rig's times, safe at the end, and opened again", async () => {
  const { bay, calls, soon, clock } = bench(MODEM, { more: "timing: { resetMs: 70, strapHoldMs: 30 }" });
  const rig = await bay.open(soon);
  expect(flags(calls.splice(0))).toEqual(["--"]);
  expect(rig.timing.greetMs).toBeUndefined(); // no data while the port's own lines move
  expect(await strap(rig, "rom", soon)).toBe(70);
  expect(clock.now()).toBe(100);
  expect(flags(calls.splice(0))).toEqual(["-R", "-R", "DR", "D-"]);
  await rig[Symbol.asyncDispose]();
  expect(flags(calls.splice(0))).toEqual(["--", "--", "close"]);
  await (await bay.open(soon))[Symbol.asyncDispose]();
  expect(flags(calls)).toEqual(["--", "--", "--", "close"]);
});

test("modem: a port without DTR and RTS is refused and closed", async () => {
  const set = async () => {
    throw new Error("Error: Inappropriate ioctl for device, cannot set");
  };
  const { bay, calls, soon } = bench(MODEM, { quirks: { set } });
  await expect(bay.open(soon)).rejects.toMatchObject({ code: "LINES_NOT_DRIVEN" });
  expect(calls).toEqual(["close"]);
});

test("modem: a rig that lost its port could not be made safe, and says so", async () => {
  const { bay, unplug, soon } = bench(MODEM);
  const rig = await bay.open(soon);
  const reading = rig.wire.read(soon);
  unplug();
  await expect(reading).rejects.toMatchObject({ code: "PORT_LOST" });
  await expect(rig[Symbol.asyncDispose]()).rejects.toMatchObject({
    code: "RIG_NOT_SAFE",
    message: expect.stringContaining("the port went away"),
  });
});

test("a rig that switches the supply holds TX low by a break while it is off, and works on", async () => {
  const straps = "{ driver: manual, power: { bcm: 22 } }";
  const { bay, calls, soon, received } = bench(straps);
  const rig = await bay.open(soon);
  calls.splice(0);
  await rig.straps?.set("power", false, soon);
  await rig.straps?.set("power", true, soon);
  expect(calls.splice(0)).toEqual([expect.stringMatching(/"brk":true.*"dtr":true,"rts":true,"lowLatency":true/)]);
  await rig.straps?.set("chipEn", true, soon);
  expect(calls.splice(0)).toEqual([expect.stringMatching(/"brk":false/)]);
  await rig.wire.write(Uint8Array.of(0x55), soon);
  expect(received()).toBe("55");
  await rig[Symbol.asyncDispose]();
});

test("a port without a break, such as a pseudo-terminal, is powered all the same", async () => {
  const set = async () => {
    throw new Error("Error: Inappropriate ioctl for device, cannot set");
  };
  const { bay, soon, prompts } = bench("{ driver: manual, power: { bcm: 22 } }", { quirks: { set } });
  await using rig = await bay.open(soon);
  for (const asserted of [false, true]) await rig.straps?.set("power", asserted, soon);
  await rig.straps?.set("chipEn", true, soon);
  expect(prompts).toHaveLength(4);
});

test("manual: the session's own order becomes four prompts; the safe state is told, once, and not asked for", async () => {
  const { bay, prompts, told, soon } = bench("{ driver: manual }");
  for (const _ of [1, 2]) {
    await using rig = await bay.open(soon);
    expect(rig.timing.greetMs).toBeUndefined(); // a session that waits for a person ends
    await strap(rig, "rom", soon);
  }
  const order = [/BOOT high/, /CHIP_EN low/, /Release RESET/, /Release BOOT/];
  expect(prompts).toHaveLength(8);
  for (const [i, prompt] of prompts.entries()) expect(prompt).toMatch(order[i % 4] ?? "");
  expect(told).toEqual(["bench: the safe state is yours to set: BOOT released, CHIP_EN released, power on"]);
});

test("manual without a terminal is refused before the port is touched", async () => {
  const { bay, opened, prompts, soon } = bench("{ driver: manual }", { person: scriptedTerminal(undefined, false) });
  await expect(bay.open(soon)).rejects.toMatchObject({
    code: "TERMINAL_MISSING",
    blame: "config",
    message: "bench: the line driver manual needs a person at a terminal",
  });
  expect([opened, prompts]).toEqual([[], []]);
});

test("a port that is not there is refused before anything is loaded or opened", async () => {
  const { clock, soon, makePort, opened } = mockPort();
  const config = loadRig("sim", ["straps.driver=none", "serial.path=/dev/ttyNone7"]);
  await expect(hardwareBay(config, clock, { makePort }).open(soon)).rejects.toMatchObject({
    code: "PORT_UNAVAILABLE",
    message: expect.stringContaining("/dev/ttyNone7"),
  });
  expect(opened).toEqual([]);
});

test.each([
  ["straps.driver=sim", "serial.driver=port"],
  ["straps.driver=none", "serial.driver=sim"],
  ["straps.driver=manual", "serial.driver=sim"],
])("drivers that do not go together are refused: %s, %s", async (...sets) => {
  const { clock, soon, makePort } = mockPort();
  const bay = hardwareBay(loadRig("sim", [...sets, "serial.path=/dev/null"]), clock, { makePort });
  await expect(bay.open(soon)).rejects.toMatchObject({ code: "DRIVER_MISSING" });
});

test("a port has two lines: mistakes in sharing them are told with the rig file", () => {
  const boot = "boot: { line: rts, active: low }";
  const file = rigFile(
    `name: a\nstraps:\n  driver: modem\n  ${boot}\n  chipEn: { line: rts }\n  power: { bcm: 22 }\n` +
      "serial: { path: /dev/x }\nsafeState: { power: off }\n",
  );
  expect(mistakesOf(() => loadRig(file))).toEqual([
    'bench.yaml:5:19: straps.chipEn.line: expected a line that straps.boot leaves; found "rts"',
    "bench.yaml:6:3: straps.power: expected nothing: the driver modem has no line left for it; found a group of fields",
    'bench.yaml:8:21: safeState.power: expected on: the driver modem has no power switch; found "off"',
  ]);
});
