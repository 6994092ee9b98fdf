import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { hex } from "../../harness/base/hex.js";
import { encodeSpiFrame, parseSpiHeader, SPI_HEADER_BYTES, SPI_TYPES } from "../../harness/protocol/spi-frame.js";

test("the first event after a boot, as it was captured: ready, and no padding counts", () => {
  const frame = encodeSpiFrame(SPI_TYPES.at, Buffer.from("\r\nready\r\n"));
  expect(hex(frame.subarray(0, 17))).toBe(hex(Buffer.from("aa5509000000000" + "00d0a72656164790d0a", "hex")));
  expect(frame.length).toBe(20);
  expect(parseSpiHeader(frame)).toEqual({ payloadBytes: 9, type: 0, isStalled: false });
});

test("nothing to say, and no room", () => {
  expect(hex(encodeSpiFrame(0, new Uint8Array(), true))).toBe(hex(Buffer.from("aa55000004000000", "hex")));
});

test("the transport of a factory module is another one", () => {
  expect(parseSpiHeader(Buffer.from("0155000000000100", "hex"))).toBeUndefined();
});

test("what is encoded is parsed; any bytes are a header or none", () => {
  const payload = fc.uint8Array({ maxLength: 2000 });
  fc.assert(
    fc.property(fc.nat(255), payload, fc.boolean(), (type, bytes, isStalled) => {
      const frame = encodeSpiFrame(type, bytes, isStalled);
      expect(frame.length % 4).toBe(0);
      expect(parseSpiHeader(frame)).toEqual({ payloadBytes: bytes.length, type, isStalled });
      expect(frame.subarray(SPI_HEADER_BYTES, SPI_HEADER_BYTES + bytes.length)).toEqual(Buffer.from(bytes));
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const isMagic = bytes.length >= 8 && bytes[0] === 0xaa && bytes[1] === 0x55;
      expect(parseSpiHeader(bytes) !== undefined).toBe(isMagic);
    }),
  );
});
