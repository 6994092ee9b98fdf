import { closeSync, readSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import { openPty } from "../../../harness/native/pty.js";
import { atOnce } from "../../../rigs/serial/at-once.js";
import { openSerial } from "../../../rigs/serial/serial.js";

/** A port of the system, opened by the package itself, and the far end of its line. */
async function realPort() {
  const { master, slave, path } = openPty();
  const ends = [slave, master];
  const soon = Deadline.in(20_000, "the test", new SystemClock());
  const wire = await openSerial({ path, baud: 500_000 }, soon);
  return {
    soon,
    wire,
    say: (bytes: Uint8Array) => writeSync(master, bytes),
    /** So many bytes, as they come. */
    async hear(count: number): Promise<Buffer> {
      let heard: Buffer = Buffer.alloc(0);
      while (heard.length < count && soon.remainingMs > 0) {
        heard = Buffer.concat([heard, heardNow(master)]);
        await setImmediate();
      }
      return heard;
    },
    /** What there is to be read, so many times. */
    hearNow: (times: number) => Buffer.concat(Array.from({ length: times }, () => heardNow(master))),
    /** The far end goes away, as an adapter that is unplugged. */
    leave: () => ends.splice(0).forEach(closeSync),
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]();
      ends.forEach(closeSync);
    },
  };
}

function heardNow(master: number): Buffer {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.subarray(0, readSync(master, bytes));
  } catch {
    return bytes.subarray(0, 0);
  }
}

const pattern = (count: number) => Uint8Array.from({ length: count }, (_, at) => (at * 7) & 0xff);

test("a real port: all values, both ways, and what comes before anybody reads", async () => {
  await using port = await realPort();
  const all = pattern(256);
  await port.wire.write(all, port.soon, true);
  expect(Uint8Array.from(await port.hear(256))).toEqual(all);
  for (let at = 0; at < 256; at += 16) port.say(all.subarray(at, at + 16));
  let read: Buffer = Buffer.alloc(0);
  while (read.length < 256) read = Buffer.concat([read, await port.wire.read(port.soon)]);
  expect(Uint8Array.from(read)).toEqual(all);
});

test("what the system has no room for follows when it has", async () => {
  await using port = await realPort();
  const much = pattern(200_000);
  const writing = port.wire.write(much, port.soon, true);
  const heard = await port.hear(much.length);
  await writing;
  expect(Buffer.compare(heard, much)).toBe(0);
});

test("a write that is called off goes on, and the next one follows it", async () => {
  await using port = await realPort();
  const much = pattern(200_000);
  const off = new AbortController();
  const writing = port.wire.write(much, Deadline.in(20_000, "the test", new SystemClock(), off.signal));
  off.abort("called off");
  await expect(writing).rejects.toBe("called off");
  // There is room by now, of which the rest of the first one does not know yet.
  const first = port.hearNow(4);
  const next = port.wire.write(Buffer.from("next"), port.soon, true);
  const heard = await port.hear(much.length + 4 - first.length);
  await next;
  expect(Buffer.compare(Buffer.concat([first, heard]), Buffer.concat([much, Buffer.from("next")]))).toBe(0);
});

test("nothing is written for who has called it off before", async () => {
  await using port = await realPort();
  const off = Deadline.in(20_000, "the test", new SystemClock(), AbortSignal.abort("called off"));
  await expect(port.wire.write(Buffer.from("never"), off, true)).rejects.toBe("called off");
  expect(port.hearNow(1)).toHaveLength(0);
});

test("what has come and was not read stays as it came", async () => {
  await using port = await realPort();
  for (const text of ["what ", "came"]) {
    port.say(Buffer.from(text));
    // It is heard meanwhile, as a rule: in the next room of the same buffer.
    for (let turn = 0; turn < 1000; turn++) await setImmediate();
  }
  let read: Buffer = Buffer.alloc(0);
  while (read.length < 9) read = Buffer.concat([read, await port.wire.read(port.soon)]);
  expect(read.toString()).toBe("what came");
});

test("a port whose far end is gone is lost to the writer, too", async () => {
  await using port = await realPort();
  port.leave();
  await expect(port.wire.write(Buffer.from("anybody?"), port.soon, true)).rejects.toMatchObject({ code: "PORT_LOST" });
});

test("a port that is closed while somebody reads ends the reading", async () => {
  await using port = await realPort();
  const reading = port.wire.read(port.soon);
  reading.catch(() => undefined);
  await port.wire[Symbol.asyncDispose]();
  await expect(reading).rejects.toMatchObject({ code: "INTERNAL" });
});

test("no other thread is asked for what the system does at once", async () => {
  const { master, slave } = openPty();
  const asked: string[] = [];
  const polled = {
    fd: slave,
    poller: { once: (_event: "readable", told: (error: Error | null) => void) => told(null) },
    read: async (_into: Buffer, _at: number, _most: number) => {
      asked.push("read");
      return { bytesRead: 0, buffer: Buffer.alloc(0) };
    },
    write: async (bytes: Buffer) => void asked.push(`write ${bytes.length}`),
  };
  const port = await atOnce({ open: async () => polled }).open();
  await port.write(Buffer.from("to the module"));
  expect(heardNow(master).toString()).toBe("to the module");
  writeSync(master, "to the host");
  const room = Buffer.alloc(100);
  await expect(port.read(room, 10, 50)).resolves.toEqual({ bytesRead: 11, buffer: room });
  expect(room.subarray(10, 21).toString()).toBe("to the host");
  expect(asked).toEqual([]);
  closeSync(slave);
  closeSync(master);
});

test("what fails is left to the package, whose errors are known", async () => {
  const asked: string[] = [];
  const gone = {
    fd: null,
    poller: { once: (_event: "readable", told: (error: Error | null) => void) => told(new Error("Canceled")) },
    read: async (_into: Buffer, _at: number, _most: number) => {
      asked.push("read");
      return { bytesRead: 0, buffer: Buffer.alloc(0) };
    },
    write: async (bytes: Buffer) => void asked.push(`write ${bytes.length}`),
  };
  const port = await atOnce({ open: async () => gone }).open();
  await port.read(Buffer.alloc(4), 0, 4);
  await port.write(Buffer.alloc(3));
  expect(asked).toEqual(["read", "write 3"]);
});
