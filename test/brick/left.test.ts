import { expect, test } from "@jest/globals";
import { leftOf, tellLeft } from "../../harness/brick/left.js";
import { planOf } from "../../harness/flash/plan.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";
import { tapped } from "../support/tap.js";

const ADDRESS = 0x1080;
const BYTES = 100_000;
const data = Uint8Array.from({ length: BYTES }, (_, at) => (at * 31 + (at >> 8)) & 0x7f);
const plan = planOf(plainSet([{ section: "data", address: ADDRESS, bytes: data }]));

/** A module whose flash holds this. */
async function leftWith(change: (cells: Uint8Array) => void) {
  const { rig, module, deadline } = simBench({ contents: "blank" });
  const { wire, sent } = tapped(rig.wire);
  const session = await openModule({ ...rig, wire }, deadline);
  change(module.flash.subarray(ADDRESS, ADDRESS + BYTES));
  sent.splice(0);
  const [left] = await leftOf(session, plan, deadline);
  return { left, exchanges: sent.length };
}

const blank = (cells: Uint8Array, from: number) => cells.fill(0xff, from);

test("whole, and blank", async () => {
  expect((await leftWith((cells) => cells.set(data))).left).toMatchObject({ state: "whole", rightBytes: BYTES });
  expect((await leftWith((cells) => blank(cells, 0))).left).toMatchObject({ state: "blank", rightBytes: 0 });
});

test.each([1, 255, 0xf80 - 1, 0xf80, 0xf80 + 1, 50_000, BYTES - 1])(
  "%i bytes, then nothing: to the byte, in few exchanges",
  async (right) => {
    const { left, exchanges } = await leftWith((cells) => {
      cells.set(data);
      blank(cells, right);
    });
    expect(left).toMatchObject({ state: "partly", rightBytes: right });
    const start = ((left?.sector?.address ?? 0) - ADDRESS) as number;
    expect(left?.sector?.data).toEqual(
      Uint8Array.from(data.subarray(start, start + (left?.sector?.data.length ?? 0)), (byte, at) =>
        start + at < right ? byte : 0xff,
      ),
    );
    // A hash is three commands.
    expect(exchanges).toBeLessThan(3 * 9 + 3);
  },
);

/** The file, with something else in a part of it. */
const spoilt = (from: number, to: number) => Uint8Array.from(data, (byte, at) => (at >= from && at < to ? 0x80 : byte));

test.each([
  ["other data from the first byte on", spoilt(0, BYTES), 0],
  ["some of it, then other data", spoilt(9000, BYTES), 9000],
  ["all of it but one byte", spoilt(70_000, 70_001), 70_000],
])("%s", async (_, found, rightBytes) => {
  const { left } = await leftWith((cells) => cells.set(found));
  expect(left).toMatchObject({ state: "other", rightBytes });
  expect(tellLeft(left ? [left] : [])).toMatch(/^data something else/);
});
