import { expect, test } from "@jest/globals";
import { heldInReset, ModemStraps, type ModemWiring } from "../../../rigs/lines/modem.js";
import { openSerial } from "../../../rigs/serial/serial.js";
import { mockPort } from "../serial/mock-port.js";

const WIRINGS: Record<string, ModemWiring> = {
  transistors: { boot: { line: "rts", active: "low" }, chipEn: { line: "dtr", active: "low" } },
  crossed: { boot: { line: "dtr", active: "low" }, chipEn: { line: "rts", active: "low" } },
  direct: { boot: { line: "rts", active: "high" }, chipEn: { line: "dtr", active: "high" } },
  mixed: { boot: { line: "rts", active: "high" }, chipEn: { line: "dtr", active: "low" } },
};

/** The strap sequence as the module sees it: BOOT, then CHIP_EN; and what the pins do. A raised flag is a low pin. */
async function sequence(wiring: ModemWiring) {
  const port = mockPort();
  await using wire = await openSerial({ ...port.settings, flags: heldInReset(wiring) }, port.soon, port.makePort);
  const straps = new ModemStraps(wire, wiring);
  for (const [line, asserted] of [
    ["boot", true],
    ["chipEn", false],
    ["chipEn", true],
    ["boot", false],
  ] as const) {
    await straps.set(line, asserted, port.soon);
  }
  return port.calls.map((call) => JSON.parse(call.replace("set ", "")) as Record<string, boolean>);
}

const levels = (flags: Record<string, boolean>[], line: string) => flags.map((each) => (each[line] ? "low" : "high"));

test.each([
  ["transistors", { rts: ["high", "low", "low", "low", "high"], dtr: ["high", "high", "high", "low", "low"] }],
  ["crossed", { dtr: ["high", "low", "low", "low", "high"], rts: ["high", "high", "high", "low", "low"] }],
  ["direct", { rts: ["low", "high", "high", "high", "low"], dtr: ["low", "low", "low", "high", "high"] }],
  ["mixed", { rts: ["low", "high", "high", "high", "low"], dtr: ["high", "high", "high", "low", "low"] }],
])("%s: held in reset from the opening, then the strap sequence, pin by pin", async (name, pins) => {
  const wiring = WIRINGS[name];
  if (wiring === undefined) throw new Error(name);
  const flags = await sequence(wiring);
  for (const [line, expected] of Object.entries(pins)) expect([line, levels(flags, line)]).toEqual([line, expected]);
});

test("every call states both flags and low latency: what is left out would fall back", async () => {
  const flags = await sequence({ boot: { line: "rts", active: "low" }, chipEn: { line: "dtr", active: "low" } });
  expect(flags).toHaveLength(5);
  for (const each of flags) {
    expect(each).toEqual({
      brk: false,
      cts: false,
      dtr: expect.any(Boolean),
      rts: expect.any(Boolean),
      lowLatency: true,
    });
  }
});

test("power is always on; to switch it off there is no line", async () => {
  const port = mockPort();
  const wiring: ModemWiring = { boot: { line: "rts", active: "low" }, chipEn: { line: "dtr", active: "low" } };
  await using wire = await openSerial({ ...port.settings, flags: heldInReset(wiring) }, port.soon, port.makePort);
  const straps = new ModemStraps(wire, wiring);
  await straps.set("power", true, port.soon);
  expect(port.calls).toHaveLength(1);
  await expect(straps.set("power", false, port.soon)).rejects.toMatchObject({ code: "LINES_NOT_DRIVEN" });
});
