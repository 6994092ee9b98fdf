import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { COMMANDS } from "../../../harness/protocol/commands.js";
import { frame, Host, words } from "../host.js";

const BOOT_INFO = "10000000";
const ANSWER = "4f4b1c000200160601000100a71282014277037b82401d008f7580904514c32d";
const JEDEC = "36000000";
const WRONG_CHECKSUM = "36010000";

test("a wrong checksum is told and not counted; an unknown opcode is met with silence and not counted", async () => {
  const host = await Host.inSession();
  for (let turn = 0; turn < 5; turn++) {
    await host.expect(WRONG_CHECKSUM, "464c0301");
    await host.expect("fe000000", "");
  }
  await host.expect(JEDEC, "4f4b0400c4601600");
});

test("the third refusal is told and ends the session, whatever went well in between", async () => {
  const host = await Host.inSession();
  await host.expect("30000000", "464c0200");
  await host.expect(JEDEC, "4f4b0400c4601600");
  await host.expect("30000000", "464c0200");
  await host.expect(BOOT_INFO, ANSWER);
  await host.expect("30000000", "464c0200");
  await host.expect(BOOT_INFO, "");
  expect(await host.sync()).toBe("4f4b");
  await host.expect("30000000", "464c0200");
  await host.expect(BOOT_INFO, ANSWER);
});

test.each([
  ["erase", "30000000", "0200"],
  ["write without data", "31040400" + "00000000", "0400"],
  ["read", "32000000", "0400"],
  ["set-para, no word", "3b000000", "0800"],
  ["set-para, half a block", "3b0a0600" + "0100000003", "0800"],
  ["hash", "3e000000", "0400"],
  ["stream without data", "3f840400" + "00000080", "0b00"],
  ["clock-set", "22000000", "0201"],
  ["clock-set to 0", "22080800" + "0000000000000000", "0203"],
  ["time-out", "23000000", "0201"],
  ["write to nowhere", "31010500ffffffff00", "0500"],
])("%s of a wrong form has its own status", async (_, request, status) => {
  const host = await Host.inSession();
  const payload = Buffer.from(request, "hex").subarray(4);
  await host.send(frame(Number.parseInt(request.slice(0, 2), 16), payload));
  expect(await host.listen()).toBe(`464c${status}`);
});

test("boot info takes any payload", async () => {
  const host = await Host.inSession();
  await host.expect("100603000102", "");
  await host.expect("00", ANSWER);
});

test("before set-para the flash is not there", async () => {
  const host = await Host.inRom();
  await host.sync();
  await host.expect(JEDEC, "464c0100");
  await host.expect("3a000000", "4f4b");
  await host.expect("60000000", "464c0100");
  await host.expect("3b4f040008410101", "4f4b");
  await host.expect(JEDEC, "4f4b0400c4601600");
});

test.each([
  [3800, ANSWER],
  [4200, ""],
])("after %d ms without a word", async (ms, answer) => {
  const host = await Host.inRom();
  await host.sync(100);
  await host.clock.sleep(ms - 50);
  await host.expect(BOOT_INFO, answer);
});

test("with the knob the first idle time-out ends the session", async () => {
  const host = await Host.inRom({ quirks: { firstIdleEnds: true } });
  await host.sync();
  await host.clock.sleep(2100);
  await host.expect(BOOT_INFO, "");
});

test("the idle time-out can be set; any whole command counts, also an unknown one", async () => {
  const host = await Host.inSession();
  await host.expect("2300040010270000", "4f4b");
  await host.clock.sleep(19_000);
  await host.expect("fe000000", "");
  await host.clock.sleep(19_000);
  await host.expect(BOOT_INFO, ANSWER);
  await host.clock.sleep(20_100);
  await host.expect(BOOT_INFO, "");
});

test("half a packet survives one time-out, not two", async () => {
  const host = await Host.inSession();
  await host.send("1000");
  await host.clock.sleep(2500);
  await host.expect("0000", ANSWER);
  await host.send("1000");
  await host.clock.sleep(4200);
  await host.expect("0000", "");
  expect(await host.sync()).toBe("4f4b");
});

test("a stray byte before a packet: a checksum error, and its last byte is thrown away", async () => {
  const host = await Host.inSession();
  await host.expect(`00${JEDEC}`, "464c0301");
  await host.expect(JEDEC, "4f4b0400c4601600");
});

test("of two packets in one breath only the first is answered", async () => {
  const host = await Host.inSession();
  await host.expect(JEDEC + JEDEC, "4f4b0400c4601600");
  await host.expect(JEDEC, "4f4b0400c4601600");
});

test("a packet that comes while another is worked on waits in the second buffer", async () => {
  const host = await Host.inSession();
  await host.send("3b4f040008410101");
  await host.clock.sleep(1);
  await host.send(JEDEC);
  expect(await host.listen()).toBe("4f4b4f4b0400c4601600");
});

test("4604 bytes of payload fit; one more is never answered until the session has run out", async () => {
  const host = await Host.inSession();
  await host.send(frame(0x10, new Uint8Array(4604)));
  expect(await host.listen()).toBe(ANSWER);
  await host.send(frame(0x10, new Uint8Array(4605)));
  expect(await host.listen()).toBe("");
  await host.expect(BOOT_INFO, "");
  await host.clock.sleep(4100);
  expect(await host.sync()).toBe("4f4b");
});

test("0x55 within a session is a header", async () => {
  const host = await Host.inSession();
  expect(await host.sync()).toBe("");
  await host.expect(BOOT_INFO, "");
  await host.clock.sleep(4100);
  expect(await host.sync()).toBe("4f4b");
});

const frames = fc.constantFrom(
  BOOT_INFO,
  JEDEC,
  "3a000000",
  "3b4f040008410101",
  "321808000000000010000000",
  "fe000000",
);

async function answersTo(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const host = await Host.inSession({ contents: "blank" });
  for (const chunk of chunks) await host.send(chunk);
  const heard: unknown[] = [];
  for (;;) {
    try {
      const bytes = await host.wire.read(host.deadline(9000));
      heard.push(Buffer.from(bytes).toString("hex"), host.clock.now().toFixed(6));
    } catch {
      return heard;
    }
  }
}

/** `bytes` in pieces of these lengths. */
function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    chunks.push(bytes.subarray(at, at + length));
    at = Math.min(bytes.length, at + length);
  }
  return chunks;
}

test("how a host cuts its bytes does not matter: same answers, same times", async () => {
  const soup = fc.oneof(
    frames.map((hex) => new Uint8Array(Buffer.from(hex, "hex"))),
    fc.uint8Array({ maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(soup, fc.array(fc.nat(9), { maxLength: 12 }), async (bytes, lengths) => {
      expect(await answersTo(cut(bytes, lengths))).toEqual(await answersTo([bytes]));
    }),
    { numRuns: 60 },
  );
});

test("whatever a host sends at whatever rate, the module lives: a reset and a handshake bring it back", async () => {
  const opcode = fc.constantFrom(0x05, ...Object.values(COMMANDS).map((row) => row.opcode));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(opcode, fc.uint8Array({ maxLength: 24 })).map(([code, payload]) => frame(code, payload)),
    fc.tuple(opcode, fc.nat(), fc.nat(70_000)).map(([code, a, b]) => frame(code, words(a, b))),
  );
  const baud = fc.constantFrom(9600, 115_200, 500_000, 2_000_000);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(baud, piece), { maxLength: 8 }), async (pieces) => {
      const host = await Host.inSession({ contents: "blank" });
      for (const [rate, bytes] of pieces) {
        await host.wire.setBaud(rate, host.deadline());
        await host.send(bytes);
        await host.clock.sleep(20);
      }
      await host.strap(true);
      await host.wire.setBaud(500_000, host.deadline());
      expect(await host.sync()).toBe("4f4b");
      await host.expect(BOOT_INFO, ANSWER);
      await host.set("chipEn", false);
      await host.clock.sleep(1000);
      expect(host.clock.sleeping).toBe(0);
    }),
    { numRuns: 60 },
  );
});
