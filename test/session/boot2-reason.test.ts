import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { boot2Reason } from "../../harness/session/boot2-reason.js";
import { simBench } from "../support/bench.js";
import { bootNormally } from "../support/boot.js";

const log = (group: string, media: string) =>
  `Dump log...\r\nHash error\r\nGroup 0 parse fail ret ${group}\r\nno valid group found\r\nMedia boot return ${media}\r\n`;

test("a number is told in words", () => {
  expect(boot2Reason(log("0x217", "535"))).toEqual({ number: "0217", told: "0217: the body's hash differs" });
});

test("one damaged line does not win against the others", () => {
  const text = `${log("0x219", "535")}${log("0x217", "535")}${log("0x217", "535")}`;
  expect(boot2Reason(text)?.number).toBe("0217");
});

test("where no group is named, the boot's own number counts; it is decimal", () => {
  expect(boot2Reason("Dump log...\r\nMedia boot return 539\r\n")?.told).toBe("021b: nothing valid is on the flash");
});

test("a number that nobody knows is told as it is; no number is none", () => {
  expect(boot2Reason(log("0x299", "665"))?.told).toBe("0299: a number that is not known here");
  expect(boot2Reason("Dump log...\r\nflash cfg err\r\n")).toBeUndefined();
});

test("whatever is printed, it neither throws nor makes up a number", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const reason = boot2Reason(text);
      expect(reason === undefined || /^[\da-f]{4,}$/.test(reason.number)).toBe(true);
    }),
  );
});

test("a boot that boot2 refuses says why, in words", async () => {
  const { rig, deadline, module } = simBench();
  module.flash[0x1_1000] = (module.flash[0x1_1000] ?? 0) ^ 1;
  await expect(bootNormally(rig, deadline)).rejects.toMatchObject({
    code: "BOOT_REJECTED",
    message: expect.stringMatching(
      /^bench: boot2 refused the image: 0217: the body's hash differs \(it printed: Hash error; /,
    ),
    details: { reason: "0217" },
  });
});
