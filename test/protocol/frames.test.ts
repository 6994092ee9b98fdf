import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { COMMANDS, type CommandName, commandOf, type Request } from "../../harness/protocol/commands.js";
import {
  checksumHolds,
  decodeFrame,
  decodeReply,
  decodeRequest,
  decodeResponse,
  encodeReply,
  encodeRequest,
} from "../../harness/protocol/frames.js";
import { bytes, toHex, VECTORS } from "../support/golden.js";

/** Vectors whose bytes are shortened in the file are no frames. */
const whole = VECTORS.framing.filter(({ name }) => !name.includes("first 40 bytes"));

describe("golden frames", () => {
  test.each(whole)("$name", ({ request, response }) => {
    const found = decodeFrame(bytes(request));
    if (found === undefined) throw new Error("incomplete");
    expect(found.used).toBe(request.length / 2);
    expect(checksumHolds(found.frame)).toBe(true);
    const name = commandOf(found.frame.opcode) as CommandName;
    const values = decodeRequest(name, found.frame.payload) as Request<CommandName>;
    expect(toHex(encodeRequest(name, values))).toBe(request);
    if (response === null) return;
    const reply = decodeReply(bytes(response), COMMANDS[name].response !== undefined);
    expect(reply?.used).toBe(response.length / 2);
    expect(toHex(encodeReply(name, reply?.reply ?? { kind: "pending" }))).toBe(response);
  });

  test.each(whole.filter(({ response }) => response !== null))(
    "$name: cut at every byte, it is incomplete and never wrong",
    ({ request, response }) => {
      const hasData =
        COMMANDS[commandOf(Number.parseInt(request.slice(0, 2), 16)) as CommandName].response !== undefined;
      for (let end = 0; end < request.length / 2; end++)
        expect(decodeFrame(bytes(request).subarray(0, end))).toBeUndefined();
      const answer = bytes(response ?? "");
      for (let end = 0; end < answer.length; end++)
        expect(decodeReply(answer.subarray(0, end), hasData)).toBeUndefined();
    },
  );
});

describe("strict answers", () => {
  const status = (rx: string): number => Number.parseInt(rx.slice(6, 8) + rx.slice(4, 6), 16);

  test.each(VECTORS.ack_parsing.filter(({ rx }) => rx.startsWith("464c") && rx.length === 8))("$name", ({ rx }) => {
    expect(decodeReply(bytes(rx), false)?.reply).toEqual({ kind: "refused", status: status(rx) });
  });

  /** What the vendor's tool makes of these is its own business; a read that ended early is our "not yet". */
  const READINGS: Record<string, string> = {
    "4f4b": "ok",
    "5044": "pending",
    "4f00": "REPLY_MALFORMED",
    ff4b: "REPLY_MALFORMED",
    "4f4b0400c4601600": "ok",
    "4f4b4f4b0400c4601600": "ok",
  };

  test.each(VECTORS.ack_parsing)("of the vendor's cases: $name", ({ name, rx }) => {
    const read = () => {
      try {
        return decodeReply(bytes(rx), name.startsWith("response"))?.reply.kind ?? "not yet";
      } catch (error) {
        return (error as HarnessError).code;
      }
    };
    expect(read()).toBe(READINGS[rx] ?? (rx.startsWith("464c") && rx.length === 8 ? "refused" : "not yet"));
  });

  test.each(["4f00", "ff4b", "00", "4b4f", "4f4f", "55555555", "504b", "464b"])(
    "%s is no answer, though the vendor's tool may take it",
    (rx) => {
      expect(() => decodeReply(bytes(rx), false)).toThrow(
        expect.objectContaining({ code: "REPLY_MALFORMED", message: expect.stringContaining(rx) }),
      );
    },
  );

  test.each(["", "4f", "46", "464c", "464c03", "50"])("%p waits for more", (rx) => {
    expect(decodeReply(bytes(rx), false)).toBeUndefined();
  });

  test("a doubled OK before a length is skipped", () => {
    expect(decodeReply(bytes("4f4b4f4b0400c4601600"), true)).toEqual({
      reply: { kind: "ok", data: bytes("c4601600") },
      used: 10,
    });
  });

  test("PD, then a refusal", () => {
    const first = decodeReply(bytes("5044464c0300"), false);
    expect(first).toEqual({ reply: { kind: "pending" }, used: 2 });
    expect(decodeReply(bytes("464c0300"), false)?.reply).toEqual({ kind: "refused", status: 3 });
  });
});

test("a checksum of 0 is not checked, any other is", () => {
  const payload = bytes("08410101");
  expect(checksumHolds({ opcode: 0x3b, checksum: 0, payload })).toBe(true);
  expect(checksumHolds({ opcode: 0x3b, checksum: 0x4f, payload })).toBe(true);
  expect(checksumHolds({ opcode: 0x3b, checksum: 0x50, payload })).toBe(false);
});

test("no bytes make the host's decoder throw anything but its own error, or take more than there is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (buffer, hasData) => {
      try {
        const found = decodeReply(buffer, hasData);
        if (found !== undefined) expect(found.used).toBeLessThanOrEqual(buffer.length);
      } catch (error) {
        expect(error).toBeInstanceOf(HarnessError);
      }
    }),
  );
});

test("a payload of another length than the command's is told, not guessed", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (payload) => {
      const values = decodeRequest("flashErase", payload);
      expect(values === undefined).toBe(payload.length !== 8);
    }),
  );
});

test.each([
  ["flashXipReadSha", 32],
  ["flashReadSha", 32],
  ["flashReadJedec", 4],
] as const)(
  "an answer to %s has %i bytes: a longer one is no answer, and nothing is held against the flash",
  (name, size) => {
    expect(decodeResponse(name, new Uint8Array(size))).toBeDefined();
    for (const length of [0, size - 1, size + 1, size + 4])
      expect(() => decodeResponse(name, new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: "REPLY_MALFORMED", blame: "link" }),
      );
  },
);

test("a length that its two bytes do not hold is never cut", () => {
  const write = (bytes: number) => encodeRequest("flashWrite", { address: 0, data: new Uint8Array(bytes) });
  expect(write(0xffff - 4).length).toBe(4 + 0xffff);
  expect(() => write(0xffff - 3)).toThrow(RangeError);
});
