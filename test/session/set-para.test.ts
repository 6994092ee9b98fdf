import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import type { Deadline } from "../../harness/base/time.js";
import type { Rig, Wire } from "../../harness/base/wire.js";
import { openModule } from "../../harness/recover/open.js";
import { setParaTrouble } from "../../harness/session/set-para.js";
import { simBench } from "../support/bench.js";
import { loaderBench } from "../support/loader-bench.js";

/** A rig without lines; somebody has put the module into its ROM. */
async function byHand(options: Record<string, unknown> = {}): Promise<{ rig: Rig; deadline: Deadline }> {
  const { rig, deadline } = simBench(options);
  await rig.straps?.set("boot", true, deadline);
  await rig.straps?.set("chipEn", true, deadline);
  return { rig: { ...rig, straps: undefined }, deadline };
}

/** The same wire; whatever follows a set-para is what `answer` says. */
function answering(wire: Wire, answer: Uint8Array): Wire {
  let asked = false;
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      asked = bytes[0] === 0x3b;
      if (!asked) await wire.write(bytes, deadline);
    },
    read: (deadline) => (asked && answer.length > 0 ? Promise.resolve(answer) : wire.read(deadline)),
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

/** The places of some words in the advice, in the order of the words. */
const placesIn = ({ advice }: HarnessError, words: readonly string[]): number[] =>
  words.map((word) => advice.indexOf(word));

async function troubleOf(rig: Rig, deadline: Deadline): Promise<HarnessError> {
  const error = await openModule(rig, deadline).catch((thrown: unknown) => thrown);
  if (error instanceof HarnessError) return error;
  throw new Error(`expected an error of the harness, got ${String(error)}`);
}

test("an adapter that ends at 1 MBd, on a serial path: stage, rate, bytes, and the causes in order", async () => {
  const { rig, deadline } = await byHand({ link: { maxBaud: 1_000_000 } });
  const trouble = await troubleOf(rig, deadline);
  expect(trouble).toMatchObject({
    code: "COMMAND_TIMEOUT",
    blame: "link",
    message:
      "bench: set-para at 2000000 Bd: expected OK, got no byte; the handshake, boot info and clock-set went well at " +
      "500000 Bd; nothing was exchanged at 2000000 Bd before (the vendor's tool says 003B here)",
    details: { stage: "set-para", command: "flashSetPara", baud: 2_000_000, bytes: "" },
    advice: expect.stringMatching(/^Likely causes in order: 1\. The UART or the adapter .*serial\.loadBaud/),
  });
  const places = placesIn(trouble, ["1. The UART", "2. The cable", "3. The module went silent after a T01", "4. "]);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
});

test("garbage: its bytes are told, and nothing of a module that went silent", async () => {
  const { rig, deadline } = await byHand();
  const trouble = await troubleOf({ ...rig, wire: answering(rig.wire, Uint8Array.of(0xf8, 0x00, 0x80)) }, deadline);
  expect(trouble).toMatchObject({
    code: "REPLY_MALFORMED",
    message: expect.stringContaining("set-para at 2000000 Bd: expected OK, got the bytes f80080; "),
    details: { stage: "set-para", bytes: "f80080" },
  });
  expect(trouble.advice).toMatch(/^Likely causes in order: 1\. The UART.* 2\. The cable/);
  expect(trouble.advice).not.toContain("T01");
});

test("half an OK and then nothing is told as the byte that came", async () => {
  const error = new HarnessError("COMMAND_TIMEOUT", "cut", { details: { bytes: "4f" } });
  const told = setParaTrouble(error, { rig: "bench", baud: 2_000_000, provenBaud: 500_000 });
  expect(told).toMatchObject({ message: expect.stringContaining("got the bytes 4f; "), details: { bytes: "4f" } });
});

test("silence at the rate that has just carried boot info: the module comes first, the rate is no cause", async () => {
  const { rig, deadline } = await byHand();
  const silent = { ...rig, loadBaud: 500_000, wire: answering(rig.wire, new Uint8Array()) };
  const trouble = await troubleOf(silent, deadline);
  expect(trouble).toMatchObject({
    code: "COMMAND_TIMEOUT",
    message: expect.stringContaining("went well at this very rate of 500000 Bd"),
  });
  expect(trouble.advice).toMatch(/^Likely causes in order: 1\. The module went silent after a T01/);
  expect(trouble.advice).not.toContain("adapter");
});

test("a device that acknowledges clock-set and stays where it was is reached by a handshake at the working rate", async () => {
  const { rig, loader, deadline } = loaderBench({ lacks: [0x3f] });
  await openModule(rig, deadline);
  expect(rig.wire.baud).toBe(2_000_000);
  expect(loader.greeted).toBe(2);
});

test("a refusal is the chip's own word and no trouble of the line; nor is any other error", () => {
  const scene = { rig: "bench", baud: 2_000_000, provenBaud: 500_000 };
  for (const code of ["COMMAND_REFUSED", "PORT_LOST", "ABORTED"] as const) {
    const error = new HarnessError(code, "as it is");
    expect(setParaTrouble(error, scene)).toBe(error);
  }
});
