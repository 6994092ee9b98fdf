import { expect, test } from "@jest/globals";
import { encodePartitionTable, ST_TABLE } from "../../../harness/firmware/partition.js";
import { syntheticBoot2 } from "../../../harness/firmware/synthetic.js";
import { FW, FW_B, firmware, greeted, type Part, programmed, TABLE_A, whole, write } from "../boot/images.js";
import { frame, type Host, words } from "../host.js";

const OK = "4f4b";
const SET_PARA = "3b4f040008410101";
const JEDEC = "36000000";
const JEDEC_ID = "4f4b0400c4601600";
const CHIP_ERASE = "3c000000";
const CLOCK_SET_2M = "222b08000100000080841e00";
const QUIRK = { quirks: { t01Reflash: true } };

/** Programmed in one session, then reset and greeted in another. */
const reset = async (parts: readonly Part[], options: object = QUIRK): Promise<Host> =>
  greeted(await programmed(parts, options));

test("out of a reset with T01 on the flash a set-para takes effect and is not answered, at any rate", async () => {
  const host = await reset(whole(firmware("t01")));
  await host.expect(JEDEC, "464c0100");
  await host.expect(SET_PARA, "");
  await host.expect("10000000", "4f4b1c000200160601000100a71282014277037b82401d008f7580904514c32d");
  await host.expect(JEDEC, JEDEC_ID);
  await host.expect(CLOCK_SET_2M, OK);
  await host.wire.setBaud(2_000_000, host.deadline());
  await host.expect(SET_PARA, "");
  await host.expect(JEDEC, JEDEC_ID);
});

test("a chip erase cures it: for this session, whatever is programmed in it, and for the next", async () => {
  const host = await reset(whole(firmware("t01")));
  await host.expect(SET_PARA, "");
  await host.expect(CHIP_ERASE, OK);
  await host.expect(SET_PARA, OK);
  await write(host, FW, firmware("t01"));
  await host.expect(SET_PARA, OK);
  await host.expect(CHIP_ERASE, OK);
  await greeted(host);
  await host.expect(SET_PARA, OK);
});

test("power does not cure it, and neither does the command's reset", async () => {
  const host = await reset(whole(firmware("t01")));
  await host.set("power", false);
  await host.set("power", true);
  await host.sync();
  await host.expect(SET_PARA, "");
  await host.expect("21000000", OK);
  await host.sync();
  await host.expect(SET_PARA, "");
});

test("the session that brings the T01 is not disturbed: it is taken once", async () => {
  const host = await programmed(whole(firmware("t01")), QUIRK);
  await host.expect(SET_PARA, OK);
});

test("the T01 gone from its slot by an erase of a range is gone; another range does not help", async () => {
  const host = await reset(whole(firmware("t01")));
  await host.expect(SET_PARA, "");
  expect(await host.ask(frame(0x30, words(0x37_8000, 0x37_8fff)))).toBe(OK);
  await host.expect(SET_PARA, "");
  expect(await host.ask(frame(0x30, words(FW, FW + 0xfff)))).toBe(OK);
  await host.expect(SET_PARA, OK);
});

test("a set-para of a wrong form is refused as ever", async () => {
  const host = await reset(whole(firmware("t01")));
  await host.expect("3b000000", "464c0800");
  expect(await host.ask(frame(0x3b, new Uint8Array(10)))).toBe("464c0800");
});

const slotB = ST_TABLE.entries.map((entry) => ({ ...entry, active: 1 as const }));
const both = (active: 0 | 1): Part[] => [
  [0, syntheticBoot2()],
  [TABLE_A, encodePartitionTable({ age: 0, entries: active === 1 ? slotB : ST_TABLE.entries })],
  [FW, firmware("t01")],
  [FW_B, firmware("t02")],
];

test.each<[string, Part[], object, string]>([
  ["T02", whole(firmware("t02")), QUIRK, OK],
  ["mfg", whole(firmware("mfg")), QUIRK, OK],
  ["T01 of 2.0.75, which has no marker", whole(firmware("t01", "2.0.75")), QUIRK, OK],
  ["T01 of 2.0.89, with the older marker", whole(firmware("t01", "2.0.89")), QUIRK, ""],
  ["nothing", [], QUIRK, OK],
  ["a T01 in the first of two slots, which is active", both(0), QUIRK, ""],
  ["a T01 in the first of two slots, the other is active", both(1), QUIRK, OK],
  ["a partition table that points nowhere", [[TABLE_A, new Uint8Array(0x1000)]], QUIRK, OK],
  ["T01 without the knob", whole(firmware("t01")), {}, OK],
])("%s on the flash", async (_, parts, options, answer) => {
  const host = await reset(parts, options);
  await host.expect(SET_PARA, answer);
});

test("the factory's firmware is no T01 by its marker", async () => {
  const host = await reset([], { ...QUIRK, contents: "factory" });
  await host.expect(SET_PARA, OK);
});
