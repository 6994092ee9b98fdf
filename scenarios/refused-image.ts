import type { ErrorCode } from "../harness/base/errors.js";
import type { Finding } from "../harness/firmware/finding.js";
import type { Image } from "../harness/firmware/image.js";
import { signerOf } from "../harness/firmware/synthetic.js";
import type { Change } from "../harness/firmware/variant.js";
import { signedBy, unsigned } from "../harness/firmware/wrong.js";
import { type Bench, changed, type Firmware, scenario } from "../harness/run/index.js";
import {
  beginWith,
  expectRejected,
  laidOut,
  leaveWith,
  newestOfAll,
  refusedWith,
  WRONG_CONTENTS,
} from "./parts/wrong.js";

/** Of a key that is nobody's. */
const FOREIGN_SEED = 611;
const HASHED_BYTES = 0x10_0000;

const foreign = (image: Image): Uint8Array => signedBy(signerOf(FOREIGN_SEED), image);

interface Attempt {
  readonly what: string;
  readonly change: Change | ((firmware: Firmware) => Change);
  readonly code: ErrorCode;
  /** Among what is told of the files, where they tell it. */
  readonly rule?: Finding["rule"];
}

interface Wrong {
  readonly what: string;
  /** Each must be refused with the module untouched. */
  readonly attempts: readonly Attempt[];
  /** What boot2 must say when it is put on the module all the same. */
  readonly forced?: { readonly make: (image: Image) => Uint8Array; readonly reason: string };
}

const onlyFirmware = (make: (image: Image) => Uint8Array) => (image: Image) =>
  image.kind === "firmware" ? make(image) : undefined;

/** Longer than its slot by one byte. */
const tooLarge = (firmware: Firmware): Change => {
  const [{ bytes: room }] = laidOut(firmware).slots;
  return { image: onlyFirmware(({ bytes }) => Buffer.concat([bytes, new Uint8Array(room + 1 - bytes.length)])) };
};

const WRONG: readonly Wrong[] = [
  {
    what: "unsigned",
    attempts: [
      { what: "unsigned", change: { image: onlyFirmware(unsigned) }, code: "IMAGE_INVALID", rule: "flags" },
      { what: "unsigned, boot2 too", change: { image: unsigned }, code: "IMAGE_INVALID", rule: "flags" },
    ],
    forced: { make: unsigned, reason: "0206" },
  },
  {
    what: "foreign-key",
    attempts: [
      { what: "of another key", change: { image: onlyFirmware(foreign) }, code: "IMAGE_INVALID", rule: "key" },
      // A package that is sound in itself: only the module can tell.
      { what: "of another key, boot2 too", change: { image: foreign }, code: "KEY_FOREIGN" },
    ],
    forced: { make: foreign, reason: "020c" },
  },
  { what: "too-large", attempts: [{ what: "too large", change: tooLarge, code: "IMAGE_INVALID", rule: "slot" }] },
];

/**
 * What a locked module does not boot, or what does not fit, never gets near it: it is refused before the first erase. Put
 * there all the same, boot2 refuses it by its number, and a good firmware brings the module back.
 */
export default scenario({
  name: "refused-image",
  ...WRONG_CONTENTS,
  parameters: (matrix) =>
    [newestOfAll(matrix)].flatMap((after) =>
      after ? WRONG.map((wrong) => ({ label: `${wrong.what} ${after.label}`, wrong, after })) : [],
    ),
  async run(bench, { wrong: { attempts, forced }, after }) {
    const { openSession, skip, step, flash, boot, overwrite, expect } = bench;
    const { info } = await openSession();
    if (!info.signRequired) skip("this module is not locked: a signed image may lock it for good");
    await beginWith(bench, after);
    const before = await hashes(bench);
    for (const { what, change, code, rule } of attempts) {
      await step(`refused: ${what}`, async () => {
        const firmware = changed(after, what, typeof change === "function" ? change(after) : change);
        const { details } = await refusedWith(code, firmware.label, flash(firmware));
        if (rule !== undefined) expect(details["findings"]).toContainEqual(expect.objectContaining({ rule }));
      });
      expect(await hashes(bench)).toEqual(before);
    }
    if (forced === undefined) {
      await boot(after);
      return;
    }
    const { image, slots } = laidOut(after);
    await overwrite([{ name: "wrong firmware", address: slots[0].address, bytes: forced.make(image) }]);
    await expectRejected(bench, after, forced.reason);
    await leaveWith(bench, after);
  },
});

/** Of the whole flash, piece by piece. */
async function hashes({ openSession, hash }: Bench): Promise<string[]> {
  const session = await openSession();
  const { flashBytes } = session.jedec;
  const found: string[] = [];
  for (let at = 0; at < flashBytes; at += HASHED_BYTES)
    found.push(await hash(session, at, Math.min(HASHED_BYTES, flashBytes - at)));
  return found;
}
