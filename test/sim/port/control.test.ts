import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { SimOptions } from "../../../harness/sim/options.js";
import { obey, orders, startAs } from "../../../harness/sim/port/control.js";
import { Pins } from "../../../harness/sim/straps.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";

/** Pins and what they did to the module: `up` with BOOT as it was then. */
function pinned() {
  const seen: string[] = [];
  const chip = { up: () => seen.push(`up, boot ${pins.boot ? 1 : 0}`), down: () => seen.push("down") };
  const pins: Pins = new Pins(SimOptions.parse({}).wiring, chip, new VirtualClock());
  return { pins, seen };
}

test("orders set levels at the module's pins; a question tells them", () => {
  const { pins, seen } = pinned();
  expect(obey("?", pins)).toBe("boot 0 en 0 power 1");
  expect(["boot 1", " en\t1 ", "boot 0\r"].map((order) => obey(order, pins))).toEqual(["ok", "ok", "ok"]);
  expect(obey("?", pins)).toBe("boot 0 en 1 power 1");
  expect(obey("power 0", pins)).toBe("ok");
  expect(seen).toEqual(["up, boot 1", "down"]);
});

test.each(["", "boot", "boot 2", "en 1 1", "reset 1", "? 1", "chipEn 1", "toString 1", "BOOT 1"])(
  "%j is no order, and changes nothing",
  (order) => {
    const { pins, seen } = pinned();
    expect(obey(order, pins)).toBe(`error expected boot, en or power with 0 or 1, or ?; got ${JSON.stringify(order)}`);
    expect(obey("?", pins)).toBe("boot 0 en 0 power 1");
    expect(seen).toEqual([]);
  },
);

test("whatever comes: an answer of one short line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (order) => {
      const answer = obey(order, pinned().pins);
      expect(answer).toMatch(/^(ok|error .*|boot [01] en [01] power [01])$/);
      expect(answer.length).toBeLessThan(1000);
    }),
  );
});

test("lines arrive whole, however they were cut; the last one needs its end", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 5 })), (pieces) => {
      const got: string[] = [];
      const hear = orders((order) => got.push(order));
      for (const piece of pieces) hear(piece.replaceAll("|", "\n"));
      expect(got).toEqual(pieces.join("").replaceAll("|", "\n").split("\n").slice(0, -1));
    }),
  );
});

test("an endless line is not kept, and is wrong when it ends", () => {
  const got: string[] = [];
  const hear = orders((order) => got.push(order));
  for (let turn = 0; turn < 100; turn++) hear("boot 1 ".repeat(100));
  hear("\nen 1\n");
  expect(got[0]?.length).toBeLessThan(1000);
  expect(got[1]).toBe("en 1");
  expect(obey(got[0] ?? "", pinned().pins)).toMatch(/^error /);
});

test.each([
  ["rom", ["up, boot 1"], "boot 0 en 1 power 1"],
  ["run", ["up, boot 0"], "boot 0 en 1 power 1"],
  ["off", [], "boot 0 en 0 power 1"],
] as const)("start as %s", (how, events, levels) => {
  const { pins, seen } = pinned();
  startAs(how, pins);
  expect(seen).toEqual(events);
  expect(obey("?", pins)).toBe(levels);
});
