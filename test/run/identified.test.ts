import { expect, test } from "@jest/globals";
import { openFirmware } from "../../harness/cli/options/firmwares.js";
import { readImage } from "../../harness/firmware/image.js";
import { loadFirmware } from "../../harness/firmware/package.js";
import { planOf } from "../../harness/flash/plan.js";
import { identified } from "../../harness/run/identified.js";
import type { Firmware } from "../../harness/run/scenario.js";

const set = loadFirmware(await openFirmware(undefined, true), "t01", "2.0.106");

/** The same files, with `change` made to each that is an image. */
function changed(change: (bytes: Uint8Array, bodyOffset: number) => void, rename = (path: string) => path): Firmware {
  const files = set.files.map((file) => {
    if (file.image === undefined) return file;
    const bytes = Uint8Array.from(file.bytes);
    change(bytes, file.image.header.bodyOffset);
    return { ...file, bytes, path: rename(file.path), image: readImage(bytes, file.image.name) };
  });
  const firmware = files.find(({ image }) => image?.kind === "firmware")?.image ?? set.firmware;
  const { profile, version, label } = set;
  return { profile, version, label, load: () => ({ ...set, files, firmware }), plan: () => planOf(set) };
}

const same = () => undefined;
const [before] = [identified([changed(same)])];

test("what is signed is what a firmware is: signed anew, boot2 and firmware are the same; a changed body is another one", () => {
  // In the boot header the signature takes 64 bytes from 0x148 on.
  const signedAnew = changed((bytes) => bytes.fill(0x5a, 0x148, 0x188));
  expect(identified([signedAnew])).toEqual(before);
  const other = identified([
    changed((bytes, bodyOffset) => bytes.fill(0x5a, bodyOffset + 0x2000, bodyOffset + 0x2010)),
  ]);
  expect(other.firmwares).not.toEqual(before?.firmwares);
  const differ = Object.keys(other.files).filter((name) => other.files[name] !== before?.files[name]);
  expect(differ).toEqual([expect.stringContaining("boot2")]);
});

test("an image that was renamed is the same firmware", () => {
  const renamed = identified([changed(same, (path) => path.replace("2.0.106", "2.0.106-copy"))]);
  expect(renamed.firmwares).toEqual(before?.firmwares);
});

test("what cannot be read has no identity", () => {
  const broken: Firmware = {
    ...changed(same),
    load: () => {
      throw new Error("damaged");
    },
  };
  expect(identified([broken])).toEqual({ firmwares: {}, files: {} });
});
