import { expect, test } from "@jest/globals";
import { Deadline } from "../../harness/base/time.js";
import { type Claim, proveByAt } from "../../harness/ncp/prove.js";
import { atOn, FarSide, type Frames } from "./far-side.js";

const ANSWERS: Readonly<Record<string, Frames>> = {
  "AT+GMR": ["AT version:1.0.0.0(Mar 20 2026)\r\ncomponent_version_sdk_2.0.106\r\nSW image:spi_wifi\r\n", "\r\nOK\r\n"],
  "AT+CWNETMODE?": ["+CWNETMODE:1\r\n", "OK\r\n"],
  "AT+PART?": ['+PART=0,1,"      FW",0x00010000,0x001c4000,1785856,3\r\n', "OK\r\n"],
};

const prove = (claim: Claim | undefined, table: Readonly<Record<string, Frames>> = {}) => {
  const far = new FarSide();
  far.answers({ ...ANSWERS, ...table });
  far.say("\r\nready\r\n", 640);
  const deadline = Deadline.in(60_000, "the test", far.clock);
  return proveByAt(atOn(far), 0, 4000, claim, deadline);
};

test("the right firmware from the right slot is proven", async () => {
  expect(await prove({ profile: "t01", version: "2.0.106", slot: 1, age: 3 })).toMatchObject({
    proven: true,
    readyMs: 640,
    identity: { version: "2.0.106", profile: "t01", isMarked: true },
    fw: { active: 1, age: 3 },
  });
  expect(await prove(undefined)).toMatchObject({ proven: true });
});

test("each difference is named", async () => {
  await expect(prove({ profile: "t02", version: "2.0.97", age: 4 })).rejects.toMatchObject({
    code: "BOOT_UNEXPECTED",
    message:
      "bench: version: expected 2.0.97, got 2.0.106; profile: expected t02, got t01; age of FW: expected 4, got 3",
  });
});

test("a table that points to the other slot is told with the way out", async () => {
  await expect(prove({ profile: "t01", version: "2.0.106", slot: 0, age: 0 })).rejects.toMatchObject({
    code: "BOOT_UNEXPECTED",
    advice: expect.stringContaining("erase 0xF000"),
  });
});

test("a firmware that contradicts itself is AT_MALFORMED; without a marker its mode counts", async () => {
  const claim = { profile: "t01", version: "2.0.75" } as const;
  await expect(prove(claim, { "AT+CWNETMODE?": ["+CWNETMODE:0\r\nOK\r\n"] })).rejects.toMatchObject({
    code: "AT_MALFORMED",
  });
  const old = ["AT version:1.0.0.0(May 20 2025)\r\ncomponent_version_sdk_2.0.75\r\nOK\r\n"];
  expect(await prove(claim, { "AT+GMR": old })).toMatchObject({ proven: true, identity: { isMarked: false } });
});

test("a table with no row of FW, or two, proves nothing", async () => {
  for (const lines of [
    '+PART=2,0,"media",0x00378000,0x00000000,0,0\r\nOK\r\n',
    `${ANSWERS["AT+PART?"]?.[0]}`.repeat(2),
  ])
    await expect(prove(undefined, { "AT+PART?": [lines, "OK\r\n"] })).rejects.toMatchObject({ code: "AT_MALFORMED" });
});

test("mfg has no AT: unproven, and nothing is asked", async () => {
  expect(await prove({ profile: "mfg", version: "2.0.106" })).toMatchObject({ proven: false });
});

test("the `ready` of an earlier start that nobody read proves nothing", async () => {
  const far = new FarSide();
  far.say("\r\nready\r\n");
  const proof = proveByAt(atOn(far), 0, 4000, undefined, Deadline.in(60_000, "the test", far.clock));
  expect(await proof).toMatchObject({ proven: false, reason: expect.stringContaining("as soon as") });
});
