import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { type KeptStreams, Sent } from "../../harness/flash/sent.js";
import { xzCompress } from "../../harness/native/xz.js";

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const sentOf = (bytes: Uint8Array, kept?: KeptStreams) => new Sent(bytes, sha256Of(bytes), kept);

/** Bytes that no other test has compressed. */
const fresh = (): Buffer => Buffer.from(randomBytes(50_000).toString("hex"));

function recorder(found?: Uint8Array) {
  const added: string[] = [];
  const asked: string[] = [];
  const kept: KeptStreams = {
    async find(sha256) {
      asked.push(sha256);
      return found;
    },
    add: (sha256) => void added.push(sha256),
  };
  return { added, asked, kept };
}

test("whoever cannot wait gets the same as whoever does", async () => {
  const bytes = fresh();
  const [eager, patient] = [sentOf(bytes), sentOf(bytes)];
  const { payload, mode } = eager.payload;
  await patient.ready();
  expect(mode).toBe("xz");
  expect(payload).toEqual(Buffer.from(xzCompress(bytes)));
  expect(patient.payload.payload).toBe(payload);
});

test("no other thread works before it is told to", async () => {
  const bytes = fresh();
  const { added, asked, kept } = recorder();
  const sent = sentOf(bytes, kept);
  expect(asked).toEqual([]);
  sent.begin();
  expect(asked).toEqual([sha256Of(bytes)]);
  await sent.ready();
  expect(asked).toEqual(added);
});

test("what grows goes plainly", async () => {
  const bytes = randomBytes(10_000);
  const sent = sentOf(bytes);
  await sent.ready();
  expect(sent.payload).toEqual({ mode: "plain", payload: bytes });
});

test("a process asks for a stream once, and adds it once", async () => {
  const bytes = fresh();
  const { added, asked, kept } = recorder();
  for (let flash = 0; flash < 3; flash++) await sentOf(bytes, kept).ready();
  expect([asked, added]).toEqual([[sha256Of(bytes)], [sha256Of(bytes)]]);
});

test("what was found is not made again", async () => {
  const bytes = fresh();
  const found = xzCompress(bytes);
  const { added, kept } = recorder(found);
  const sent = sentOf(bytes, kept);
  await sent.ready();
  expect(sent.payload.payload).toBe(found);
  expect(added).toEqual([]);
});
