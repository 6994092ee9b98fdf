import { expect, test } from "@jest/globals";
import { Deadline } from "../../harness/base/time.js";
import { type At, openAt } from "../../harness/ncp/at.js";
import { atOn, FarSide, type Frames } from "./far-side.js";

interface Opened {
  readonly far: FarSide;
  readonly at: At;
  readonly events: string[];
  readonly deadline: Deadline;
}

const open = (table: Readonly<Record<string, Frames>> = {}): Opened => {
  const far = new FarSide();
  const events: string[] = [];
  far.answers(table);
  const at = atOn(far, { event: (line) => events.push(line) });
  return { far, at, events, deadline: Deadline.in(60_000, "the test", far.clock) };
};

test.each<[string, Frames]>([
  ["one frame", ["\r\n+PN:ST67\r\n\r\nOK\r\n"]],
  ["two", ["+PN:ST67\r\n", "OK\r\n"]],
  ["cut anywhere", ["+P", "N:ST6", "7\r", "\nO", "K\r", "\n"]],
  ["with an echo", ["AT+PN?\r\r\n", "+PN:ST67\r\nOK\r\n"]],
  ["with events in between", ["+CW:CONNECTED\r\n+PN:ST67\r\n", "+BLE:x\r\n", "OK\r\n"]],
])("an answer in %s", async (_, frames) => {
  const { at, deadline } = open({ "AT+PN?": frames });
  expect(await at.command("AT+PN?", deadline)).toEqual({ lines: ["+PN:ST67"], late: [] });
});

test("what came unasked is told, and kept up to a hundred", async () => {
  const { far, at, events, deadline } = open({ AT: ["OK\r\n"] });
  for (let n = 0; n < 3; n++) far.say(Array.from({ length: 50 }, (_, i) => `+IPD:${n},${i}\r\n`).join(""));
  await at.command("AT", deadline);
  expect(events.length).toBe(150);
  expect(at.events).toEqual(events.slice(50));
});

test("scanning: its lines are the answer of AT+CWLAP and events of any other command", async () => {
  const { at, events, deadline } = open({ "AT+CWLAP": ["+CWLAP:(x)\r\nOK\r\n"], AT: ["+CWLAP:(y)\r\nOK\r\n"] });
  expect((await at.command("AT+CWLAP", deadline)).lines).toEqual(["+CWLAP:(x)"]);
  expect((await at.command("AT", deadline)).lines).toEqual([]);
  expect(events).toEqual(["+CWLAP:(y)"]);
});

test("raw bytes in an answer may be line ends and OK", async () => {
  const raw = Buffer.from("\r\nOK\r\n\xff\r", "latin1");
  const head = Buffer.from("+EFUSE-R:8,");
  for (const frames of [
    [head, Buffer.concat([raw, Buffer.from("\r\n")]), "OK\r\n"],
    [Buffer.concat([head, raw.subarray(0, 4)]), raw.subarray(4), "\r\n\r\nOK\r\n"],
  ]) {
    const { at, deadline } = open({ 'AT+EFUSE-R=8,"0x014",1': frames });
    const { lines } = await at.command('AT+EFUSE-R=8,"0x014",1', deadline);
    expect(lines).toEqual([`+EFUSE-R:8,${raw.toString("latin1")}`]);
  }
});

test("ERROR and busy are AT_ERROR, with the answer", async () => {
  const { at, deadline } = open({ "AT+X": ["+X:why\r\nERROR\r\n"], "AT+Y": ["busy p...\r\n"] });
  await expect(at.command("AT+X", deadline)).rejects.toMatchObject({
    code: "AT_ERROR",
    details: { answer: "ERROR", lines: ["+X:why"] },
  });
  await expect(at.command("AT+Y", deadline)).rejects.toMatchObject({ code: "AT_ERROR" });
});

test("silence is AT_TIMEOUT after 2 s, and tells what came so far", async () => {
  const { far, at, deadline } = open({ "AT+X": ["+X:1\r\n+X:"] });
  await expect(at.command("AT+X", deadline)).rejects.toMatchObject({
    code: "AT_TIMEOUT",
    message: 'bench: AT+X took longer than 2000 ms: so far ["+X:1","+X:"]',
  });
  expect(far.clock.now()).toBeCloseTo(2000, -1);
});

test("an answer that is too late is not taken for that of the next command", async () => {
  const { far, at, deadline } = open();
  const hears: string[] = [];
  far.hears = (payload) => {
    const command = payload.toString().trim();
    hears.push(command);
    if (command === "AT+SLOW") far.say("+SLOW:1\r\nOK\r\n", 2001);
    else far.say(command === "AT" ? "OK\r\n" : "+FAST:2\r\nOK\r\n", 3);
  };
  await expect(at.command("AT+SLOW", deadline)).rejects.toMatchObject({ code: "AT_TIMEOUT" });
  expect(await at.command("AT+FAST", deadline)).toEqual({ lines: ["+FAST:2"], late: ["+SLOW:1", "OK", "OK"] });
  expect(hears).toEqual(["AT+SLOW", "AT", "AT+FAST"]);
});

test("late lines of an answered command are told apart", async () => {
  const { far, at, deadline } = open({ AT: ["OK\r\n"] });
  far.say("SEND OK\r\n");
  expect(await at.command("AT", deadline)).toEqual({ lines: [], late: ["SEND OK"] });
});

test("`ready` in the middle of a command is a module that reset itself", async () => {
  const { at, deadline } = open({
    "AT+GMR": ["AT version:", "\r\nready\r\n"],
    "AT+X": ["\r\nready\r\n"],
    AT: ["OK\r\n"],
  });
  await expect(at.command("AT+X", deadline)).rejects.toMatchObject({ code: "NCP_RESET" });
  expect(await at.command("AT", deadline)).toEqual({ lines: [], late: [] });
});

test("`ready` between two commands is one that reset itself, too, but behind what restarts it, and before the first", async () => {
  const { far, at, deadline } = open({ AT: ["OK\r\n"], "AT+RST": ["OK\r\n", "\r\nready\r\n"] });
  far.say("\r\nready\r\n");
  await at.command("AT", deadline);
  await at.command("AT+RST", deadline);
  await at.command("AT", deadline);
  far.say("\r\nready\r\n");
  await expect(at.command("AT", deadline)).rejects.toMatchObject({
    code: "NCP_RESET",
    message: expect.stringContaining("before AT"),
  });
  await at.command("AT", deadline);
});

test("two commands at once go one behind the other; one that may not wait so long gives up", async () => {
  const { far, at, deadline } = open();
  far.hears = (payload) => far.say(`+${payload.toString().trim()}\r\nOK\r\n`, 100);
  const short = Deadline.in(50, "a hurry", far.clock);
  const [a, b, c] = await Promise.allSettled([
    at.command("AT+A", deadline),
    at.command("AT+B", short),
    at.command("AT+C", deadline),
  ]);
  expect([a, c].map((each) => each?.status === "fulfilled" && each.value.lines)).toEqual([["+AT+A"], ["+AT+C"]]);
  expect(b?.status).toBe("rejected");
  expect(far.heard.map((bytes) => bytes.toString().trim())).toEqual(["AT+A", "AT+C"]);
});

test.each([
  ["bytes", "x".repeat(1500)],
  ["lines", "line\r\n"],
  ["events", "+CW:x\r\n"],
])("a module that says %s without end, in no time, is stopped by name", async (_, flood) => {
  const { far, at, deadline } = open();
  const select = far.select.bind(far);
  far.select = async (selected) => {
    await select(selected);
    if (!selected && far.heard.length > 0) far.say(flood);
  };
  await expect(at.command("AT", deadline)).rejects.toMatchObject({ code: "AT_MALFORMED" });
  expect(at.events.length).toBeLessThanOrEqual(100);
});

test("ready: within its time, the exact frame, and then a pause", async () => {
  const { far, at, deadline } = open({ AT: ["OK\r\n"] });
  far.say("\r\nready\r\n", 854);
  expect(await at.waitReady(4000, deadline)).toEqual({ ms: 854 });
  expect(far.clock.now()).toBe(954);
  await at.command("AT", deadline);
  far.say("\r\nready\r\nOK", 1);
  await expect(at.waitReady(4000, deadline)).rejects.toMatchObject({ code: "AT_MALFORMED" });
  await expect(at.waitReady(4000, deadline)).rejects.toMatchObject({ code: "BOOT_NOT_READY" });
});

test("a glitch of SPI_RDY is no `ready`", async () => {
  const { far, at, deadline } = open();
  far.say("", 10);
  await expect(at.waitReady(4000, deadline)).rejects.toMatchObject({ code: "BOOT_NOT_READY" });
  expect(far.clock.now()).toBeCloseTo(4000, 0);
});

test("data: OK, the prompt, then bytes, then what became of them", async () => {
  const { far, at, deadline } = open();
  far.hears = (payload) => {
    if (payload.toString() === "AT+OTASEND=2000\r\n") for (const frame of ["\r\nOK\r\n", ">"]) far.say(frame, 1);
    else if (payload.length === 480) far.say("\r\nRecv 2000 bytes\r\n", 5);
  };
  const bytes = new Uint8Array(2000).fill(1);
  expect(await at.data("AT+OTASEND=2000", bytes, deadline)).toEqual({ told: "Recv 2000 bytes", late: [] });
  expect(far.heard.map(({ length }) => length)).toEqual([17, 1520, 480]);
});

test("a rig without SPI, or without SPI_RDY", async () => {
  const { far, deadline } = open();
  const none = { name: "bench", clock: far.clock, ready: far };
  await expect(openAt(none, deadline)).rejects.toMatchObject({ code: "SPI_MISSING" });
  await expect(openAt({ ...none, spi: far, ready: undefined }, deadline)).rejects.toMatchObject({
    code: "SPI_MISSING",
  });
  expect((await openAt({ ...none, spi: far }, deadline)).name).toBe("bench");
});
