import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { FolderBlobs } from "../../harness/farm/blobs.js";
import { fetchParcel, sendParcel } from "../../harness/farm/depot.js";
import { type Parcel, parcelOf } from "../../harness/farm/parcel.js";
import { imageName, iniName } from "../../harness/firmware/names.js";
import { namesIn, sentFrom } from "../support/depot.js";
import { firmwareFolder } from "../support/firmware-folder.js";
import { onSmallDisk } from "../support/namespace.js";
import { scratch } from "../support/scratch.js";
import { testWithSmallDisk, WITHOUT_SMALL_DISK } from "../support/with-small-disk.js";

describe("a folder in the cache that is not just what its manifest says is made anew", () => {
  test.each<[string, (dir: string, target: string, secret: string) => void]>([
    ["a byte more", (dir) => appendFileSync(join(dir, imageName("t01", "2.0.106")), "x")],
    [
      "other bytes",
      (dir) => writeFileSync(join(dir, "boot2.bin"), Buffer.alloc(statSync(join(dir, "boot2.bin")).size)),
    ],
    ["a file missing", (dir) => rmSync(join(dir, iniName("t01")))],
    ["an ini put there", (dir) => writeFileSync(join(dir, "mission_t01_flash_prog_cfg_v2.0.106.ini"), "[x]")],
    ["a folder put there", (dir) => mkdirSync(join(dir, "x"))],
    [
      "a file that is a link to its bytes",
      (dir, _, secret) => {
        renameSync(join(dir, "boot2.bin"), secret);
        symlinkSync(secret, join(dir, "boot2.bin"));
      },
    ],
    [
      "a folder that is a link to the same one",
      (dir, _, secret) => {
        renameSync(dir, secret);
        symlinkSync(secret, dir);
      },
    ],
    [
      "the whole a link to the same one",
      (_, target, secret) => {
        renameSync(target, secret);
        symlinkSync(secret, target);
      },
    ],
    ["no manifest", (_, target) => rmSync(join(target, "manifest.json"))],
    ["another manifest", (_, target) => writeFileSync(join(target, "manifest.json"), "{}")],
    [
      "a file in place of all",
      (_, target) => {
        rmSync(target, { recursive: true });
        writeFileSync(target, "x");
      },
    ],
  ])("%s", async (_, harm) => {
    using folder = scratch();
    const { parcel, cache, from } = await sentFrom(folder);
    const laid = await fetchParcel(parcel.id, cache, from);
    const secret = folder.file("elsewhere");
    harm(laid, join(cache, parcel.id), secret);
    const before = existsSync(secret);
    await expect(fetchParcel(parcel.id, cache, [])).rejects.toMatchObject({ code: "FIRMWARE_NOT_FOUND" });
    expect(await fetchParcel(parcel.id, cache, from)).toBe(laid);
    expect(await fetchParcel(parcel.id, cache, [])).toBe(laid);
    expect(parcelOf(laid).id).toBe(parcel.id);
    expect(namesIn(cache)).toEqual([parcel.id]);
    // What a link led to is not ours to remove.
    expect(existsSync(secret)).toBe(before);
  });
});

test("a whole folder of another firmware in its place is not taken for it", async () => {
  using folder = scratch();
  const { parcel, pile, cache, from } = await sentFrom(folder);
  const other = parcelOf(firmwareFolder(folder.file("other"), 7));
  await sendParcel(other, pile);
  await fetchParcel(other.id, cache, from);
  renameSync(join(cache, other.id), join(cache, parcel.id));
  expect(parcelOf(await fetchParcel(parcel.id, cache, from)).id).toBe(parcel.id);
});

test("a cache that cannot be written is told as such", async () => {
  using folder = scratch();
  const { parcel, cache, from } = await sentFrom(folder);
  writeFileSync(cache, "");
  await expect(fetchParcel(parcel.id, cache, from)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
});

test("many at once, with a damaged one there: each gets the whole", async () => {
  using folder = scratch();
  const { parcel, cache, from } = await sentFrom(folder);
  mkdirSync(join(cache, parcel.id), { recursive: true });
  writeFileSync(join(cache, parcel.id, "manifest.json"), "{}");
  const laid = await Promise.all(Array.from({ length: 6 }, () => fetchParcel(parcel.id, cache, from)));
  expect(new Set(laid).size).toBe(1);
  expect(parcelOf(laid[0] ?? "").id).toBe(parcel.id);
  expect(namesIn(cache)).toEqual([parcel.id]);
});

test("a process that died half-way leaves nothing that is taken for whole, and that goes after a day", async () => {
  using folder = scratch();
  const { parcel, cache, from } = await sentFrom(folder);
  const left = ["old", "new"].map((name) => join(cache, `.st67-hil-${name}`, "new"));
  for (const path of left) mkdirSync(path, { recursive: true });
  utimesSync(dirname(left[0] ?? ""), 1, 1);
  await fetchParcel(parcel.id, cache, from);
  expect(namesIn(cache)).toEqual([".st67-hil-new", parcel.id]);
});

test("eight stay: those that were asked for last; what is not ours stays", async () => {
  using folder = scratch();
  const { pile, cache, from } = await sentFrom(folder);
  const ids: string[] = [];
  for (let seed = 1; seed <= 9; seed++) {
    const parcel: Parcel = parcelOf(firmwareFolder(folder.file(`from-${seed}`), seed));
    await sendParcel(parcel, pile);
    ids.push(parcel.id);
    await fetchParcel(parcel.id, cache, from);
    utimesSync(join(cache, parcel.id), 1000 + seed, 1000 + seed);
    // The first one is asked for again and again.
    await fetchParcel(ids[0] ?? "", cache, []);
  }
  mkdirSync(join(cache, "mine"));
  await fetchParcel(ids[8] ?? "", cache, []);
  expect(namesIn(cache)).toEqual(["mine", ...ids.filter((_, index) => index !== 1)].sort());
});

testWithSmallDisk(
  `a disk that is full is told, and nothing half-made stays in the cache${WITHOUT_SMALL_DISK}`,
  async () => {
    using folder = scratch();
    const { pile, parcel } = await sentFrom(folder);
    const share = new FolderBlobs(folder.file("share"));
    for (const [sha256, bytes] of pile.held) await share.put(sha256, bytes);
    const disk = folder.file("disk");
    mkdirSync(disk);
    const program = `import { createJiti } from "jiti";
    const jiti = createJiti(${JSON.stringify(import.meta.url)}, { fsCache: false });
    const { FolderBlobs } = await jiti.import("../../harness/farm/blobs.ts");
    const { fetchParcel } = await jiti.import("../../harness/farm/depot.ts");
    const [share, id, cache] = process.argv.slice(1);
    await fetchParcel(id, cache, [{ name: "share", blobs: new FolderBlobs(share) }])
      .then(() => console.log("laid out"), ({ code, message }) => console.log(code, message));`;
    const args = [process.execPath, "--input-type=module", "-e", program, folder.file("share"), parcel.id];
    const { stdout } = onSmallDisk("48k", disk, `"$@" "$0"; ls -A "$0"`, args);
    expect(stdout).toMatch(/^FILE_UNWRITABLE .*ENOSPC.*\n$/);
  },
);
