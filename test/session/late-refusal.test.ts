import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Inbox } from "../../harness/base/inbox.js";
import { Deadline } from "../../harness/base/time.js";
import type { Wire } from "../../harness/base/wire.js";
import { BootRom } from "../../harness/session/rom.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { bytes } from "../support/golden.js";

/** A wire on which each write of the host is followed by the next of `answers`, as they are. */
function scripted(answers: readonly Uint8Array[]) {
  const clock = new VirtualClock();
  const inbox = new Inbox();
  const sent: Uint8Array[] = [];
  const wire: Wire = {
    baud: 500_000,
    async write(frame) {
      inbox.push(answers[sent.length] ?? new Uint8Array());
      sent.push(frame);
    },
    read: (deadline) => inbox.take(deadline),
    setBaud: async () => inbox.drop(),
    arrived: () => inbox.arrived(),
    drop: () => inbox.drop(),
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { rom: new BootRom(wire, false), sent, deadline: Deadline.in(3_600_000, "the test", clock) };
}

const OK = bytes("4f4b");
const FAILED = bytes("464c0600");
const JEDEC = bytes("4f4b0400c4601600");
const write = (address: number) => ({ address, data: new Uint8Array(8) });
const LATE = { code: "COMMAND_REFUSED", details: { command: "flashWrite", status: 6, address: 0x8000 } };

test.each([0, 1, 2, 3, 4])(
  "of a late refusal %i bytes come with the OK, the rest with the next answer",
  async (cut) => {
    const { rom, sent, deadline } = scripted([
      Buffer.concat([OK, FAILED.subarray(0, cut)]),
      Buffer.concat([FAILED.subarray(cut), JEDEC]),
      JEDEC,
    ]);
    await rom.request("flashWrite", write(0x8000), deadline);
    await expect(rom.request("flashReadJedec", {}, deadline)).rejects.toMatchObject(LATE);
    expect(sent).toHaveLength(cut === 4 ? 1 : 2);
  },
);

test.each([0, 1, 2, 3])("the same with a write behind it, which is answered too: %i bytes with the OK", async (cut) => {
  const { rom, deadline } = scripted([
    Buffer.concat([OK, FAILED.subarray(0, cut)]),
    Buffer.concat([FAILED.subarray(cut), OK]),
    JEDEC,
  ]);
  await rom.request("flashWrite", write(0x8000), deadline);
  await expect(rom.request("flashWrite", write(0x8800), deadline)).rejects.toMatchObject(LATE);
  await expect(rom.request("flashReadJedec", {}, deadline)).resolves.toHaveProperty("id");
});

test("a write that is refused itself, with nothing behind it, is not held against the one before", async () => {
  const { rom, deadline } = scripted([OK, FAILED]);
  await rom.request("flashWrite", write(0x8000), deadline);
  await expect(rom.request("flashWrite", write(0x8800), deadline)).rejects.toMatchObject({
    message: "flashWrite: the chip refused with FL 0006 (flash write error)",
    details: { command: "flashWrite", status: 6 },
  });
});

test("two refusals behind the last write: it is named, and the check is answered", async () => {
  const { rom, deadline } = scripted([OK, Buffer.concat([FAILED, FAILED]), JEDEC]);
  await rom.request("flashWrite", write(0x8000), deadline);
  await expect(rom.request("flashWriteCheck", {}, deadline)).rejects.toMatchObject(LATE);
  await expect(rom.request("flashReadJedec", {}, deadline)).resolves.toHaveProperty("id");
});

test("another command's own refusal is its own, also right behind a write", async () => {
  const { rom, deadline } = scripted([OK, bytes("464c0300")]);
  await rom.request("flashWrite", write(0x8000), deadline);
  await expect(rom.request("flashErase", { first: 0, last: 4095 }, deadline)).rejects.toMatchObject({
    details: { command: "flashErase", status: 3 },
  });
});

test("whatever else lies behind an OK is no refusal, and spoils nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 12 }), async (noise) => {
      fc.pre(noise[0] !== 0x46);
      const { rom, deadline } = scripted([Buffer.concat([OK, noise]), JEDEC]);
      await rom.request("flashWrite", write(0x8000), deadline);
      await expect(rom.request("flashReadJedec", {}, deadline)).resolves.toHaveProperty("id");
    }),
  );
});

test("a stray byte that could begin a refusal, and nothing of one behind it, is told as what it is", async () => {
  const { rom, deadline } = scripted([Buffer.concat([OK, bytes("46")]), JEDEC]);
  await rom.request("flashWrite", write(0x8000), deadline);
  await expect(rom.request("flashReadJedec", {}, deadline)).rejects.toMatchObject({ code: "REPLY_MALFORMED" });
});

test("a command whose time is over is not sent, behind a write as elsewhere", async () => {
  const { rom, sent, deadline } = scripted([OK, OK]);
  const over = deadline.within(0, "the case", "CASE_TIMEOUT");
  await expect(rom.request("flashReadJedec", {}, over)).rejects.toMatchObject({ code: "CASE_TIMEOUT" });
  await rom.request("flashWrite", write(0x8000), deadline);
  await expect(rom.request("flashWrite", write(0x8800), over)).rejects.toMatchObject({ code: "CASE_TIMEOUT" });
  expect(sent).toHaveLength(1);
});
