import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../../harness/base/errors.js";
import { Deadline } from "../../../harness/base/time.js";
import { openSerial } from "../../../rigs/serial/serial.js";
import { mockPort, settle } from "./mock-port.js";

const bytes = (hex: string) => Buffer.from(hex, "hex");
const hex = (read: Uint8Array) => Buffer.from(read).toString("hex");
const never = () => new Promise<never>(() => undefined);
const fails = (message: string) => async () => {
  throw new Error(message);
};

test("all 256 values go both ways", async () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("hex");
  const port = mockPort();
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  await wire.write(bytes(all), port.soon);
  expect(port.received()).toBe(all);
  port.send(all);
  expect(hex(await wire.read(port.soon))).toBe(all);
});

test("nothing is lost between opening and reading, nor between two reads", async () => {
  const port = mockPort();
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  port.send("0102");
  await settle();
  port.send("03");
  await settle();
  expect(hex(await wire.read(port.soon))).toBe("010203");
  const late = wire.read(port.soon);
  port.send("04");
  expect(hex(await late)).toBe("04");
  port.send("05");
  await settle();
  await expect(wire.read(port.soon.within(1, "x")).then(hex)).resolves.toBe("05");
});

test("whatever the chunks and the moments of reading, the bytes come whole and in order", async () => {
  const chunk = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength: 12 }), async (chunks) => {
      const port = mockPort();
      await using wire = await openSerial(port.settings, port.soon, port.makePort);
      const sent = Buffer.concat(chunks.map(([part]) => part));
      const got: Uint8Array[] = [];
      for (const [part, readNow] of chunks) {
        port.send(hex(part));
        if (readNow) got.push(await wire.read(port.soon));
        else await settle();
      }
      while (Buffer.concat(got).length < sent.length) got.push(await wire.read(port.soon));
      expect(hex(Buffer.concat(got))).toBe(hex(sent));
    }),
    { numRuns: 50 },
  );
});

test("silence ends with the deadline's own error", async () => {
  const port = mockPort();
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  await expect(wire.read(port.soon.within(70, "an answer"))).rejects.toMatchObject({
    code: "COMMAND_TIMEOUT",
    message: "an answer took longer than 70 ms",
  });
  expect(port.clock.now()).toBe(70);
});

test("a write resolves when the line has drained, not before", async () => {
  const port = mockPort({ quirks: { drain: () => port.clock.sleep(40) } });
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  const writing = wire.write(bytes("0a"), port.soon).then(() => port.clock.now());
  await settle();
  expect(port.received()).toBe("0a");
  await expect(writing).resolves.toBe(40);
});

test("the system is not asked where an answer tells as much, unless the line is slow", async () => {
  const port = mockPort({ quirks: { drain: () => port.clock.sleep(40) } });
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  const short = Math.floor((0.05 * wire.baud) / 10);
  await wire.write(new Uint8Array(short), port.soon, true);
  expect(port.clock.now()).toBe(0);
  await wire.write(new Uint8Array(short + 1), port.soon, true);
  expect(port.clock.now()).toBe(40);
});

test.each([["write"], ["drain"]] as const)("a %s that hangs ends with the deadline", async (call) => {
  const port = mockPort({ quirks: { [call]: never } });
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  await expect(wire.write(bytes("00"), port.soon.within(30, "the burst"))).rejects.toMatchObject({
    message: "the burst took longer than 30 ms",
  });
  expect(port.clock.sleeping).toBe(0);
});

test("work that was called off sends nothing", async () => {
  const port = mockPort();
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  const reason = new HarnessError("ABORTED", "stopped");
  const late = Deadline.in(1000, "x", port.clock, AbortSignal.abort(reason));
  await expect(wire.write(bytes("00"), late)).rejects.toBe(reason);
  await settle();
  expect(port.received()).toBe("");
});

test("a new rate drops what came at the old one", async () => {
  const port = mockPort();
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  port.send("4f4b");
  await settle();
  await wire.setBaud(2_000_000, port.soon);
  expect(port.calls.at(-1)).toBe("update 2000000");
  expect(wire.baud).toBe(2_000_000);
  port.send("aa");
  expect(hex(await wire.read(port.soon))).toBe("aa");
});

test.each([
  [2_000_000, 1_960_000, true],
  [2_000_000, 2_040_000, true],
  [2_000_000, 1_959_999, false],
  [2_000_000, 2_040_001, false],
  [2_000_000, 9600, false],
])("asked for %i Bd, given %i Bd: %p", async (asked, given, fits) => {
  const rates = [500_000, given];
  const port = mockPort({ quirks: { getBaudRate: async () => ({ baudRate: rates.shift() ?? 0 }) } });
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  const change = wire.setBaud(asked, port.soon);
  if (fits) await change;
  else {
    await expect(change).rejects.toMatchObject({
      code: "RATE_REFUSED",
      message: `${port.path}: expected ${asked} Bd; the UART gave ${given} Bd`,
    });
  }
  expect(wire.baud).toBe(fits ? asked : given);
});

test("a rate that the system refuses, and one that it cannot tell", async () => {
  const refusing = mockPort({ quirks: { update: fails("Error: Invalid argument || while setting custom baud rate") } });
  await using wire = await openSerial(refusing.settings, refusing.soon, refusing.makePort);
  await expect(wire.setBaud(3, refusing.soon)).rejects.toMatchObject({
    code: "RATE_REFUSED",
    message: expect.stringContaining("expected 3 Bd; the system said: Error: Invalid argument"),
  });
  const text = "Error: System baud rate check not implemented on this platform";
  const silent = mockPort({ quirks: { getBaudRate: fails(text) } });
  await using other = await openSerial(silent.settings, silent.soon, silent.makePort);
  expect(other.baud).toBe(500_000);
});

test("unplugged: reader and writer are told at once, and so is whoever comes later", async () => {
  const port = mockPort({ quirks: { drain: never } });
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  const lost = {
    code: "PORT_LOST",
    blame: "rig",
    message: `${port.path}: the port went away while it was open: EIO: i/o error, read`,
  };
  const reading = wire.read(port.soon);
  const writing = wire.write(bytes("00"), port.soon);
  await settle();
  port.unplug();
  await expect(reading).rejects.toMatchObject(lost);
  await expect(writing).rejects.toMatchObject(lost);
  wire.drop();
  for (const later of [wire.read(port.soon), wire.write(bytes("00"), port.soon), wire.setBaud(9600, port.soon)]) {
    await expect(later).rejects.toMatchObject(lost);
  }
  await settle();
  expect(port.clock.now()).toBe(0);
  expect(port.clock.sleeping).toBe(0);
});

test("a reader is told of the loss, though what had arrived is dropped in the same moment", async () => {
  const port = mockPort();
  const streams: ReturnType<typeof port.makePort>[] = [];
  const makePort: typeof port.makePort = (options) => {
    const made = port.makePort(options);
    streams.push(made);
    return made;
  };
  await using wire = await openSerial(port.settings, port.soon, makePort);
  streams[0]?.on("close", () => wire.drop());
  const reading = wire.read(port.soon);
  port.unplug();
  await expect(reading).rejects.toMatchObject({ code: "PORT_LOST" });
});

test("a write that the system fails is a lost port, and no error is left without a listener", async () => {
  const port = mockPort({ quirks: { write: fails("EIO: i/o error, write") } });
  await using wire = await openSerial(port.settings, port.soon, port.makePort);
  await expect(wire.write(bytes("00"), port.soon)).rejects.toMatchObject({
    code: "PORT_LOST",
    message: expect.stringContaining("EIO: i/o error, write"),
  });
});

test("our own closing is not a loss, and frees the port", async () => {
  const port = mockPort();
  const wire = await openSerial(port.settings, port.soon, port.makePort);
  const reading = wire.read(port.soon);
  await wire[Symbol.asyncDispose]();
  await wire[Symbol.asyncDispose]();
  await expect(reading).rejects.toMatchObject({
    code: "INTERNAL",
    message: expect.stringContaining("after it was closed"),
  });
  expect(port.calls.filter((call) => call === "close")).toHaveLength(1);
  await (await openSerial(port.settings, port.soon, port.makePort))[Symbol.asyncDispose]();
});
