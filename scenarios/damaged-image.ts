import { HEADER } from "../harness/firmware/header.js";
import type { Image } from "../harness/firmware/image.js";
import { flipped, wronglySigned } from "../harness/firmware/wrong.js";
import { scenario } from "../harness/run/index.js";
import { beginWith, expectRejected, laidOut, leaveWith, newestOfAll, WRONG_CONTENTS } from "./parts/wrong.js";

const SECTOR_BYTES = 4096;

interface Damage {
  readonly what: string;
  readonly make: (image: Image) => Uint8Array;
  /** boot2's number for it. */
  readonly reason: string;
}

const DAMAGES: readonly Damage[] = [
  {
    what: "body",
    make: ({ bytes, header }) => flipped(bytes, header.bodyOffset + (header.bodyBytes >> 1)),
    reason: "0217",
  },
  { what: "header", make: ({ bytes }) => flipped(bytes, HEADER.bodySha256), reason: "0204" },
  { what: "signature CRC", make: ({ bytes }) => flipped(bytes, HEADER.signature), reason: "020e" },
  { what: "signature", make: wronglySigned, reason: "0219" },
];

/** One bit of an image is another: boot2 starts nothing, says why by its number, and is heard. */
export default scenario({
  name: "damaged-image",
  ...WRONG_CONTENTS,
  parameters: (matrix) =>
    [newestOfAll(matrix)].flatMap((after) =>
      after ? DAMAGES.map((damage) => ({ label: `${damage.what} ${after.label}`, damage, after })) : [],
    ),
  async run(bench, { damage: { what, make, reason }, after }) {
    await beginWith(bench, after);
    const { image, slots } = laidOut(after);
    const bytes = make(image);
    // The sectors that differ, whole: all else stays as it was proven.
    const parts = Array.from({ length: Math.ceil(bytes.length / SECTOR_BYTES) }, (_, index) => index * SECTOR_BYTES)
      .map((at) => ({ at, sector: bytes.subarray(at, at + SECTOR_BYTES) }))
      .filter(({ at, sector }) => Buffer.compare(sector, image.bytes.subarray(at, at + SECTOR_BYTES)) !== 0)
      .map(({ at, sector }) => ({
        name: `${what}, sector ${at / SECTOR_BYTES}`,
        address: slots[0].address + at,
        bytes: sector,
      }));
    await bench.overwrite(parts);
    await expectRejected(bench, after, reason);
    await leaveWith(bench, after);
  },
});
