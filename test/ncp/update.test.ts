import { expect, test } from "@jest/globals";
import { Deadline } from "../../harness/base/time.js";
import { proveUpdate } from "../../harness/ncp/prove-update.js";
import { update } from "../../harness/ncp/update.js";
import { readUpdate } from "../../harness/ncp/update-file.js";
import { container } from "./containers.js";
import { atOn, FarSide } from "./far-side.js";

/** A firmware that takes an update, and what it does with the chunk of a number, from 0 on. */
interface Ways {
  readonly chunk?: (number: number) => string | undefined;
  readonly sendOkMs?: number;
  readonly finish?: string;
  readonly age?: number;
  readonly slot?: 0 | 1;
  readonly sdk?: string;
}

function receiver({
  chunk = () => undefined,
  sendOkMs,
  finish = "OK\r\n",
  age = 1,
  slot = 1,
  sdk = "2.0.106",
}: Ways = {}) {
  const far = new FarSide();
  const commands: string[] = [];
  const taken: Buffer[] = [];
  let due = 0;
  let number = 0;
  let isNew = false;
  const part = () => `+PART=0,${isNew ? slot : 0},"      FW",0x00010000,0x001c4000,0,${isNew ? age : 0}\r\nOK\r\n`;
  const answerTo = (command: string): string => {
    if (command === "AT+PART?") return part();
    if (command === "AT+GMR")
      return `AT version:1.0.0.0(x)\r\ncomponent_version_sdk_${sdk}\r\nSW image:spi_wifi\r\nOK\r\n`;
    if (command === "AT+CWNETMODE?") return "+CWNETMODE:1\r\nOK\r\n";
    return "OK\r\n";
  };
  const takeData = (payload: Buffer) => {
    taken.push(payload);
    due -= payload.length;
    if (due > 0) return;
    const told = chunk(number++) ?? `Recv ${chunks.at(-1)} bytes`;
    far.say(`\r\n${told}\r\n`, 20);
    if (sendOkMs !== undefined) far.say("\r\nSEND OK\r\n", 20 + sendOkMs);
  };
  const chunks: number[] = [];
  far.hears = (payload) => {
    if (due > 0) return void takeData(payload);
    const command = payload.toString("latin1").trim();
    commands.push(command);
    const length = /^AT\+OTASEND=(\d+)$/.exec(command)?.[1];
    if (length !== undefined) {
      due = Number(length);
      chunks.push(due);
      far.say("\r\nOK\r\n", 1);
      far.say(">", 2);
    } else if (command === "AT+OTAFIN") {
      far.say(finish, 900);
      if (!finish.startsWith("OK")) return;
      isNew = true;
      far.say("\r\nready\r\n", 900 + 12_000);
    } else far.say(answerTo(command), 1);
  };
  const deadline = Deadline.in(120_000, "the test", far.clock);
  return { far, at: atOn(far), commands, chunks, taken, deadline };
}

const FILE = readUpdate(container(), "new.bin.ota");

test("a file goes over in chunks: the header, then pieces; what runs then is proven", async () => {
  const { at, commands, chunks, taken, deadline } = receiver();
  const steps: [string, number, number][] = [];
  const done = await update(at, FILE, deadline, { progress: (...step) => steps.push(step) });
  expect(done).toMatchObject({ before: { active: 0, age: 0 }, readyMs: 12_000 });
  expect(Buffer.concat(taken)).toEqual(Buffer.from(FILE.bytes));
  expect(chunks).toEqual([512, 4096, 4096, 4096, 3712]);
  expect(commands.filter((each) => !each.startsWith("AT+OTASEND"))).toEqual([
    "AT+PART?",
    "AT+OTASTART=0",
    "AT+OTASTART=1",
    "AT+OTAFIN",
    "AT",
  ]);
  expect(steps.at(-1)).toEqual(["update", 16_512, 16_512]);
  expect(await proveUpdate(at, done.before, FILE, deadline)).toMatchObject({ proven: true, fw: { active: 1, age: 1 } });
});

test.each([1, 3, 10, 200])("SEND OK may come %d ms behind Recv", async (sendOkMs) => {
  const { at, taken, deadline } = receiver({ sendOkMs });
  await update(at, FILE, deadline, {}, { chunkBytes: 256 });
  expect(Buffer.concat(taken)).toEqual(Buffer.from(FILE.bytes));
});

test.each([
  ["a chunk of another length", "Recv 4095 bytes", 2],
  ["SEND FAIL", "SEND FAIL", 1],
  ["SEND FAIL behind Recv", "Recv 4096 bytes\r\nSEND FAIL", 1],
  ["ERROR", "ERROR", 0],
  ["a word of its own", "file_size overflow", 1],
])("%s is a refusal, and the receiver is left", async (_, answer, at) => {
  const { at: module, commands, deadline } = receiver({ chunk: (number) => (number === at ? answer : undefined) });
  const late = answer.includes("\r\n") ? 1 : 0;
  const offset = at + late === 0 ? 0 : 512 + 4096 * (at + late - 1);
  await expect(update(module, FILE, deadline)).rejects.toMatchObject({
    code: "OTA_REFUSED",
    details: { answer: late === 1 ? "SEND FAIL" : answer, offset, total: 16_512 },
  });
  expect(commands.at(-1)).toBe("AT+OTASTART=0");
  expect(commands).not.toContain("AT+OTAFIN");
});

test("a refusal at the very end names all bytes", async () => {
  const { at, commands, deadline } = receiver({ finish: "ERROR\r\n" });
  await expect(update(at, FILE, deadline)).rejects.toMatchObject({
    code: "OTA_REFUSED",
    message: 'bench: new.bin.ota: all 16512 bytes were sent, answered "ERROR"',
  });
  expect(commands.at(-1)).toBe("AT+OTASTART=0");
});

test("SEND FAIL of the last chunk is no success, though OTAFIN says OK", async () => {
  const { at, deadline } = receiver({ chunk: (n) => (n === 4 ? "Recv 3712 bytes\r\nSEND FAIL" : undefined) });
  await expect(update(at, FILE, deadline)).rejects.toMatchObject({ code: "OTA_REFUSED" });
});

test("called off in the middle, the receiver is left all the same", async () => {
  const { far, at, commands } = receiver();
  const stop = new AbortController();
  const deadline = Deadline.in(120_000, "the test", far.clock, stop.signal);
  const observer = { progress: (_: string, done: number) => done > 0 && stop.abort("enough") };
  await expect(update(at, FILE, deadline, observer)).rejects.toBe("enough");
  expect(commands.at(-1)).toBe("AT+OTASTART=0");
  expect(far.selected).toBe(false);
});

test("a firmware that does not come back", async () => {
  const { at, deadline } = receiver({ finish: "OK\r\n" });
  await expect(update(at, FILE, deadline.within(10_000, "a hurry"))).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
});

test.each([
  ["the old version runs", { sdk: "2.0.97" }, "version: expected 2.0.106, got 2.0.97"],
  [
    "its table was not written",
    { age: 0, slot: 0 as const },
    "age of FW: expected more than 0, got 0; active slot of FW: still 0",
  ],
])("OTA_NOT_APPLIED: %s", async (_, ways, told) => {
  const { at, deadline } = receiver(ways);
  const { before } = await update(at, FILE, deadline);
  await expect(proveUpdate(at, before, FILE, deadline)).rejects.toMatchObject({
    code: "OTA_NOT_APPLIED",
    message: `bench: new.bin.ota: ${told}`,
  });
});

test("of an xz file either slot may run", async () => {
  const file = readUpdate(container({ kind: "xz" }), "new.xz.ota");
  for (const slot of [0, 1] as const) {
    const { at, deadline } = receiver({ slot, age: 2 - slot });
    const { before } = await update(at, file, deadline);
    expect(await proveUpdate(at, before, file, deadline)).toMatchObject({ proven: true });
  }
});

test("mfg says no `ready`: it is taken, and unproven", async () => {
  const { at, commands, deadline } = receiver();
  const file = readUpdate(container({ profile: "mfg" }), "mfg.bin.ota");
  const { before, readyMs } = await update(at, file, deadline);
  expect([commands.at(-1), readyMs]).toEqual(["AT+OTAFIN", undefined]);
  expect(await proveUpdate(at, before, file, deadline)).toMatchObject({ proven: false });
});

test("chunks of other sizes are refused", async () => {
  const { at, deadline } = receiver();
  for (const chunkBytes of [0, 100, 8192, Number.NaN])
    await expect(update(at, FILE, deadline, {}, { chunkBytes })).rejects.toMatchObject({ code: "USAGE" });
});
