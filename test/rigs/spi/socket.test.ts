import { expect, test } from "@jest/globals";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import { openSpiSocket } from "../../../rigs/spi/socket.js";
import { lineServer } from "../../support/line-server.js";
import { scratch } from "../../support/scratch.js";

const clock = new SystemClock();
const soon = (ms = 60_000) => Deadline.in(ms, "the test", clock);
const GONE = { code: "SPI_FAILED", blame: "rig" };

/** The far side, which says SPI_RDY first. */
async function module(answer: (order: string) => string | undefined = () => undefined, greeting = "ready 0\n") {
  const folder = scratch();
  const path = folder.file("spi");
  const { told, clients, ...server } = await lineServer(path, answer, greeting);
  return {
    path,
    told,
    say: (text: string) => clients.at(-1)?.write(text),
    die: () => clients.at(-1)?.destroy(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** Every bit turned round. */
const inverted = (order: string): string | undefined =>
  order.startsWith("xfer ")
    ? `xfer ${Buffer.from(Buffer.from(order.slice(5), "hex").map((byte) => byte ^ 0xff)).toString("hex")}\n`
    : undefined;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await clock.sleep(1);
}

test("CS, transfers and SPI_RDY as they change; closing lets go of the module", async () => {
  await using far = await module(inverted);
  const { spi, ready, ...opened } = await openSpiSocket(far.path, soon());
  expect(await ready.read()).toBe(false);
  far.say("ready 1\n");
  await until(() => ready.read());
  await spi.select(true, soon());
  expect(await spi.transfer(Uint8Array.of(0xaa, 0x55), soon())).toEqual(Uint8Array.of(0x55, 0xaa));
  const longest = new Uint8Array(8192).fill(0x0f);
  expect(await spi.transfer(longest, soon())).toEqual(new Uint8Array(8192).fill(0xf0));
  await opened[Symbol.asyncDispose]();
  await until(() => far.told.length === 4);
  expect(far.told).toEqual(["cs 1", "xfer aa55", `xfer ${"0f".repeat(8192)}`, "cs 0"]);
  await expect(spi.transfer(longest, soon())).rejects.toMatchObject(GONE);
  await expect(ready.read()).rejects.toMatchObject(GONE);
});

test.each([0, 8193])("a transfer of %d bytes is none", async (bytes) => {
  await using far = await module(inverted);
  await using opened = await openSpiSocket(far.path, soon());
  await expect(opened.spi.transfer(new Uint8Array(bytes), soon())).rejects.toMatchObject({ code: "INTERNAL" });
  expect(far.told).toEqual([]);
});

test.each([
  ["another length", () => "xfer aa\n", /expected xfer with 2 bytes in hex digits; got "xfer aa"$/],
  ["no hex digits", () => "xfer 12g4\n", /got "xfer 12g4"$/],
  ["a mistake of ours", () => "error no chip select\n", /it said: "error no chip select"$/],
  ["another language", () => "OK\n", /expected ready 0 or ready 1; got "OK"$/],
  ["an answer too many", () => "xfer 1234\nxfer 1234\nxfer 1234\n", undefined],
  ["a flood without an end of line", () => "x".repeat(100_000), /more than 16484 characters/],
])("a far side that says %s: SPI_FAILED, from then on", async (_, answer, message) => {
  await using far = await module(answer);
  await using opened = await openSpiSocket(far.path, soon());
  const bytes = Uint8Array.of(1, 2);
  const first = opened.spi.transfer(bytes, soon());
  if (message !== undefined)
    await expect(first).rejects.toMatchObject({ ...GONE, message: expect.stringMatching(message) });
  else expect(await first).toEqual(Uint8Array.of(0x12, 0x34));
  await expect(opened.spi.transfer(bytes, soon())).rejects.toMatchObject(GONE);
  await expect(opened.spi.select(true, soon())).rejects.toMatchObject(GONE);
  await expect(opened.ready.read()).rejects.toMatchObject(GONE);
});

test("a far side that dies in a transfer is told at once", async () => {
  await using far = await module(() => undefined);
  await using opened = await openSpiSocket(far.path, soon());
  const waiting = opened.spi.transfer(Uint8Array.of(1), soon());
  waiting.catch(() => undefined);
  await until(() => far.told.length > 0);
  far.die();
  await expect(waiting).rejects.toMatchObject({
    ...GONE,
    message: expect.stringContaining("the connection was closed"),
  });
});

test("an answer that comes after its time is not the next one's", async () => {
  await using far = await module((order) => (order === "xfer 01" ? undefined : "xfer 01\nxfer 02\n"));
  await using opened = await openSpiSocket(far.path, soon());
  await expect(opened.spi.transfer(Uint8Array.of(1), soon(50))).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  expect(await opened.spi.transfer(Uint8Array.of(2), soon())).toEqual(Uint8Array.of(2));
});

test("whoever does not begin with SPI_RDY is none of ours; nor is a socket without anybody", async () => {
  await using far = await module(inverted, "");
  await expect(openSpiSocket(far.path, soon(50))).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  await using second = await module(inverted, "error somebody else is there\n");
  await expect(openSpiSocket(second.path, soon())).rejects.toMatchObject({
    ...GONE,
    message: expect.stringContaining("somebody else is there"),
    advice: expect.stringContaining("one client at a time"),
  });
  await expect(openSpiSocket(`${far.path}.none`, soon())).rejects.toMatchObject({
    ...GONE,
    message: expect.stringContaining("ENOENT"),
  });
});
