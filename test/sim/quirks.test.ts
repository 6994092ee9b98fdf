import { expect, test } from "@jest/globals";
import { frame, Host, words } from "./host.js";

const OK = "4f4b";
const BOOT_INFO = "10000000";
const ANSWER = "4f4b1c000200160601000100a71282014277037b82401d008f7580904514c32d";
const JEDEC = "36000000";
const JEDEC_ANSWER = "4f4b0400c4601600";
const UNKNOWN = "fe000000";

const session = (quirks: object, options: object = {}) => Host.inSession({ contents: "blank", quirks, ...options });

test("unknownOpcode refused: FL 0101, and the third ends the session", async () => {
  const host = await session({ unknownOpcode: "refused" });
  for (let turn = 0; turn < 3; turn++) await host.expect(UNKNOWN, "464c0101");
  await host.expect(BOOT_INFO, "");
  expect(await host.sync()).toBe(OK);
});

test("lacks: what a device does not know is met as any unknown opcode", async () => {
  const lacks = [0x22, 0x23, 0x3f];
  const host = await session({ lacks });
  await host.expect("222b08000100000080841e00", "");
  await host.expect("2300040010270000", "");
  await host.expect(JEDEC, JEDEC_ANSWER);
  const other = await session({ lacks, unknownOpcode: "refused" });
  await other.expect("2300040010270000", "464c0101");
});

test("bootInfoChecksum false: a boot info with a wrong checksum is answered, another command is not", async () => {
  const host = await session({ bootInfoChecksum: false });
  await host.expect("10010000", ANSWER);
  await host.expect("36010000", "464c0301");
});

test.each([1000, 16_388])(
  "payloadLimit %d: so much fits and is read at most; one more is never answered",
  async (limit) => {
    const host = await session({ payloadLimit: limit });
    expect(await host.ask(frame(0x10, new Uint8Array(limit)), 500)).toBe(ANSWER);
    const read = await host.ask(frame(0x32, words(0, 60_000)), 1000);
    expect(read).toHaveLength(2 * (4 + limit));
    expect(await host.ask(frame(0x10, new Uint8Array(limit + 1)), 500)).toBe("");
  },
);

test("idleMs: how long a session lives without a word, unless the host says otherwise", async () => {
  const host = await session({ idleMs: 500 });
  await host.clock.sleep(900);
  await host.expect(BOOT_INFO, ANSWER);
  await host.expect("23000400d0070000", OK);
  await host.clock.sleep(3800);
  await host.expect(BOOT_INFO, ANSWER);
  const other = await session({ idleMs: 500 });
  await other.clock.sleep(1100);
  await other.expect(BOOT_INFO, "");
});

test("doubleOk: before a length only", async () => {
  const host = await session({ doubleOk: true });
  await host.expect(JEDEC, `${OK}${JEDEC_ANSWER}`);
  await host.expect("3a000000", OK);
  await host.expect("36010000", "464c0301");
});

test("knownFlash: the fourth byte of the JEDEC answer", async () => {
  const host = await session({ knownFlash: true });
  await host.expect(JEDEC, "4f4b0400c4601680");
});

test("hashNeedsMapping false: hash and read are answered without it", async () => {
  const host = await session({ hashNeedsMapping: false });
  expect((await host.ask(frame(0x3e, words(0, 16)))).slice(0, 8)).toBe("4f4b2000");
  expect(await host.ask(frame(0x34, words(0, 1)))).toBe("4f4b0100ff");
  const other = await session({});
  expect(await other.ask(frame(0x3e, words(0, 16)))).toBe("464c0400");
});

test("lockedMemory: no memory for the host of a locked module", async () => {
  const store = frame(0x50, words(0x62fc_0000, 1));
  const load = frame(0x51, words(0x62fc_0000, 4));
  const host = await session({ lockedMemory: true });
  expect(await host.ask(store)).toBe("464c0105");
  expect(await host.ask(load)).toBe("464c0405");
  const unlocked = await session({ lockedMemory: true }, { locked: false });
  expect(await unlocked.ask(store)).toBe(OK);
  expect(await unlocked.ask(load)).toBe("4f4b040001000000");
});

test("pendingPerErase: a chip erase that takes long says PD about every second", async () => {
  const flash = { chipEraseMs: 3500 };
  const host = await session({ pendingPerErase: 1 }, { flash });
  expect(await host.ask("3c000000", 1100)).toBe(`${"5044".repeat(3)}${OK}`);
  const silent = await session({}, { flash });
  expect(await silent.ask("3c000000", 4000)).toBe(OK);
});

test("flashFails: the status register is not written either", async () => {
  const host = await session({ flashFails: true });
  expect(await host.ask(frame(0x38, words(1, 1, 0)))).toBe("464c0a00");
});

test("romVersion: the boot info's first byte, CRC and all", async () => {
  const host = await session({ romVersion: 3 });
  expect((await host.ask(BOOT_INFO)).slice(0, 16)).toBe("4f4b1c0003001606");
  await host.expect("23000400d0070000", OK);
});
