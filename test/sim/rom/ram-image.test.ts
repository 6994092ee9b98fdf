import { createCipheriv, createHash, generateKeyPairSync, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { encodeBootHeader, HEADER } from "../../../harness/firmware/header.js";
import { VECTORS } from "../../support/golden.js";
import { frame, Host, words } from "../host.js";

const OK = "4f4b";
const RAM = 0x62fc_0000;
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = publicKey.export({ format: "jwk" });
const KEY = Buffer.concat([jwk.x, jwk.y].map((part) => Buffer.from(part ?? "", "base64url")));
const KEY_HASH = createHash("sha256").update(KEY).digest("hex");

const sealed = (bytes: Uint8Array) => Buffer.concat([bytes, words(crc32(bytes))]);
const segmentHeader = (address: number, length: number) => sealed(words(address, length, 0));
const DATA = [Buffer.alloc(0x100, "one "), Buffer.alloc(32, "two ")] as const;
const SEGMENTS = [segmentHeader(RAM, 0x100), DATA[0], segmentHeader(RAM + 0x1000, 32), DATA[1]];
const BODY = Buffer.concat(SEGMENTS);

interface Changes {
  signed?: boolean;
  segments?: number;
  flags?: number;
  body?: Uint8Array;
  magic?: string;
  crc?: number;
}

/** Header, key and signature of a program in two segments, as they stand in an image. */
function head({ signed = true, segments = 2, flags = 0, body = BODY, magic = "BFNP", crc }: Changes = {}): Buffer {
  const signer = { publicKey: KEY, sign: () => sign("sha256", body, { key: privateKey, dsaEncoding: "ieee-p1363" }) };
  const out = Buffer.from(encodeBootHeader(body, 0x18c, signed ? signer : undefined));
  out.write(magic, 0, "latin1");
  out.writeUInt32LE((out.readUInt32LE(HEADER.flags) | flags) >>> 0, HEADER.flags);
  out.writeUInt32LE(segments, HEADER.bodyBytes);
  out.writeUInt32LE(crc ?? crc32(out.subarray(0, HEADER.crc)), HEADER.crc);
  return out;
}

const command = (opcode: number, payload: Uint8Array = new Uint8Array()) => frame(opcode, payload);
const header = (changes?: Changes) => command(0x11, head(changes).subarray(0, 256));
const key = () => command(0x12, head().subarray(0x100, 0x144));
const signature = (changes?: Changes) => command(0x14, head(changes).subarray(0x144, 0x18c));
const segments = () => SEGMENTS.map((part, index) => command(index % 2 === 0 ? 0x17 : 0x18, part));
const CHECK = command(0x19);
const RUN = command(0x1a);

async function session(options: object = {}): Promise<Host> {
  const host = await Host.inRom({ contents: "blank", ...options });
  await host.sync();
  return host;
}

/** The answers to these, in order. */
async function answers(host: Host, requests: readonly Uint8Array[]): Promise<string[]> {
  const heard: string[] = [];
  for (const request of requests) heard.push(await host.ask(request));
  return heard;
}

const echo = (part: Uint8Array) => `4f4b1000${Buffer.from(part).toString("hex")}`;
const SENT = [echo(SEGMENTS[0] ?? KEY), OK, echo(SEGMENTS[2] ?? KEY), OK];

test("a signed program: header, key, signature, segments, check; 40 ms after the OK nobody answers", async () => {
  const host = await session({ keyHash: KEY_HASH });
  expect(await answers(host, [header(), key(), signature(), ...segments(), CHECK, RUN])).toEqual([
    OK,
    OK,
    OK,
    ...SENT,
    OK,
    OK,
  ]);
  await host.clock.sleep(50);
  expect(await host.ask("10000000")).toBe("");
  await host.clock.sleep(10_000);
  expect(await host.sync()).toBe("");
  await host.strap(true);
  expect(await host.sync()).toBe(OK);
});

test("what was loaded is in the RAM, on both of its addresses, until CHIP_EN falls", async () => {
  const host = await session();
  await answers(host, [header(), key(), signature(), ...segments()]);
  const two = `4f4b0800${DATA[1].toString("hex", 0, 8)}`;
  expect(await host.ask(frame(0x51, words(RAM + 0x1000, 8)))).toBe(two);
  expect(await host.ask(frame(0x51, words(0x22fc_1000, 8)))).toBe(two);
  await host.strap(true);
  await host.sync();
  expect(await host.ask(frame(0x51, words(RAM + 0x1000, 8)))).toBe(`4f4b0800${"00".repeat(8)}`);
});

test("an unlocked part takes an unsigned program, and the frames of the vectors", async () => {
  const of = (name: string) => VECTORS.framing.find((row) => row.name.startsWith(name));
  const host = await session({ locked: false });
  expect(await host.ask(header({ signed: false }))).toBe(OK);
  const golden = of("load_seg_header");
  await host.expect(golden?.request ?? "", golden?.response ?? "none");
  expect(await answers(host, segments().slice(1))).toEqual(SENT.slice(1));
  await host.expect(of("check_image")?.request ?? "", of("check_image")?.response ?? "none");
  await host.expect(of("run_image")?.request ?? "", of("run_image")?.response ?? "none");
});

test.each<[string, Changes, string, object]>([
  ["a wrong CRC", { crc: 1 }, "0402", {}],
  ["the mark for no CRC, without the flag", { crc: 0xdeadbeef, signed: false }, "0602", {}],
  ["not for the ROM", { flags: 1 << 15 }, "0202", {}],
  ["no magic", { magic: "BFNX" }, "0302", {}],
  ["no segments", { segments: 0 }, "0702", {}],
  ["encrypted, on a part that is not", { flags: 1 << 2 }, "0502", {}],
  ["unsigned, on a locked part", { signed: false }, "0602", {}],
  ["signed, on an unlocked part", {}, "0602", { locked: false }],
])("a header with %s is refused", async (_, changes, status, options) => {
  const host = await session(options);
  expect(await host.ask(header(changes))).toBe(`464c${status}`);
  expect(await host.ask(key())).toBe("464c0401");
});

test.each<[string, Uint8Array[], string]>([
  ["a header of another length", [command(0x11, new Uint8Array(255))], "0102"],
  ["a key before the header", [key()], "0401"],
  ["a key of another length", [header(), command(0x12, KEY)], "0a02"],
  ["a key with a wrong CRC", [header(), command(0x12, new Uint8Array(68).fill(1))], "0b02"],
  ["a segment before the key", [header(), command(0x17, new Uint8Array(3))], "0401"],
  ["a second core's key", [header(), command(0x13, head().subarray(0x100, 0x144))], "0401"],
  ["a second core's signature", [header(), key(), command(0x15, head().subarray(0x144, 0x18c))], "0401"],
  ["a signature of another length", [header(), key(), command(0x14, new Uint8Array(71))], "0d02"],
  ["a signature with another stated length", [header(), key(), command(0x14, sealed(new Uint8Array(68)))], "0d02"],
  [
    "a signature with a wrong CRC",
    [header(), key(), command(0x14, Buffer.concat([words(64), new Uint8Array(68)]))],
    "0e02",
  ],
  ["an initial vector that nobody needs", [header(), key(), signature(), command(0x16, new Uint8Array(20))], "0401"],
  ["data before its segment", [header(), key(), signature(), command(0x18, DATA[0])], "0401"],
  ["a segment's header of another length", [header(), key(), signature(), command(0x17, new Uint8Array(15))], "0f02"],
  ["a segment's header with a wrong CRC", [header(), key(), signature(), command(0x17, words(RAM, 4, 0, 1))], "1002"],
  [
    "a segment outside of the RAM",
    [header(), key(), signature(), command(0x17, segmentHeader(0xa000_0000, 4))],
    "1102",
  ],
  ["a segment over its end", [header(), key(), signature(), command(0x17, segmentHeader(RAM + 0x7_7ffd, 4))], "1102"],
  [
    "more data than announced",
    [header(), key(), signature(), ...segments().slice(0, 1), command(0x18, new Uint8Array(0x101))],
    "1402",
  ],
  ["a check before the last segment", [header(), key(), signature(), ...segments().slice(0, 3), CHECK], "1602"],
  ["a start without a check", [header(), key(), signature(), ...segments(), RUN], "0401"],
  ["another program than the header's", [header({ body: KEY }), key(), signature(), ...segments(), CHECK], "1702"],
  ["a signature over something else", [header(), key(), signature({ body: KEY }), ...segments(), CHECK], "1902"],
])("refused: %s", async (_, requests, status) => {
  const host = await session();
  expect((await answers(host, requests)).at(-1)).toBe(`464c${status}`);
});

test("segments over one another do not go on for ever", async () => {
  const host = await session({ locked: false });
  const all = [header({ signed: false, segments: 3 }), command(0x17, segmentHeader(RAM, 0x1_0000))];
  for (let at = 0; at < 0x1_0000; at += 4096) all.push(command(0x18, new Uint8Array(4096)));
  expect((await answers(host, all)).at(-1)).toBe(OK);
  expect(await host.ask(command(0x17, segmentHeader(RAM, 0x7_8000)))).toBe("464c1102");
  expect(await host.ask(command(0x17, segmentHeader(RAM, 0x4000)))).toContain("4f4b1000");
});

test("a foreign key is refused where one is fused", async () => {
  const host = await session({ keyHash: "11".repeat(32) });
  expect(await answers(host, [header(), key()])).toEqual([OK, "464c0c02"]);
});

test("the mark for no CRC, with its flag", async () => {
  const host = await session({ locked: false });
  expect(await host.ask(header({ signed: false, flags: 1 << 16, crc: 0xdeadbeef }))).toBe(OK);
});

test("a header begins anew in any state", async () => {
  const host = await session();
  const half = [header(), key(), signature(), ...segments().slice(0, 2)];
  expect((await answers(host, [...half, ...half, ...segments().slice(2), CHECK])).at(-1)).toBe(OK);
});

test("an encrypted program on a part that wants it: initial vector, and the header comes back decrypted", async () => {
  const host = await session({ locked: false });
  const aes = Buffer.alloc(16, "key of 16 bytes");
  await host.ask(frame(0x40, Buffer.concat([words(0x3c), aes])));
  await host.ask(frame(0x40, words(0, 1)));
  expect((await host.ask("10000000")).slice(18, 20)).toBe("01");
  const iv = Buffer.alloc(16, "iv");
  const cipher = createCipheriv("aes-128-ctr", aes, iv);
  const secret = SEGMENTS.map((part) => cipher.update(part));
  const begin = [header({ signed: false, flags: 1 << 2 }), command(0x16, sealed(iv))];
  expect(await answers(host, begin)).toEqual([OK, OK]);
  const parts = secret.map((part, index) => command(index % 2 === 0 ? 0x17 : 0x18, part));
  expect(await answers(host, [...parts, CHECK])).toEqual([...SENT, OK]);
});

test.each<[string, Uint8Array, string]>([
  ["an initial vector of another length", command(0x16, new Uint8Array(19)), "0802"],
  ["an initial vector with a wrong CRC", command(0x16, new Uint8Array(20).fill(1)), "0902"],
])("refused: %s", async (_, request, status) => {
  const host = await session({ locked: false });
  await host.ask(frame(0x40, words(0, 1)));
  expect(await answers(host, [header({ signed: false, flags: 1 << 2 }), request])).toEqual([OK, `464c${status}`]);
});

test("encrypted data comes in whole blocks", async () => {
  const host = await session({ locked: false });
  await host.ask(frame(0x40, words(0, 1)));
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  const requests = [
    header({ signed: false, flags: 1 << 2 }),
    command(0x16, sealed(new Uint8Array(16))),
    command(0x17, cipher.update(segmentHeader(RAM, 0x100))),
    command(0x18, new Uint8Array(15)),
  ];
  expect((await answers(host, requests)).at(-1)).toBe("464c1202");
});

test("whatever comes in whatever order, only its own refusals, and nothing of it outlives a reset", async () => {
  const pieces = [header(), key(), signature(), ...segments(), CHECK, command(0x13), command(0x16), command(0x1b)];
  const piece = fc.oneof(
    fc.constantFrom(...pieces),
    fc
      .tuple(fc.integer({ min: 0x11, max: 0x1b }), fc.uint8Array({ maxLength: 80 }))
      .map(([opcode, payload]) => frame(opcode, payload)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 10 }), async (requests) => {
      const host = await session();
      for (const heard of await answers(host, requests)) expect(heard).toMatch(/^$|^4f4b|^464c/);
      await host.strap(true);
      expect(await host.sync()).toBe(OK);
      expect(await host.ask(CHECK)).toBe("464c1602");
    }),
    { numRuns: 60 },
  );
});
