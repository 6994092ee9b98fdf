import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Blobs, FolderBlobs, RedisBlobs } from "../../harness/farm/blobs.js";
import { connect, redisPlace } from "../../harness/farm/connection.js";
import { fetchParcel, sendParcel } from "../../harness/farm/depot.js";
import { hashOf } from "../../harness/farm/kept.js";
import { type Manifest, parseManifest } from "../../harness/farm/manifest.js";
import { type Parcel, parcelOf } from "../../harness/farm/parcel.js";
import { imageName, iniName } from "../../harness/firmware/names.js";
import { loadFirmware, openPackage } from "../../harness/firmware/package.js";
import { firmwareFolder } from "../support/firmware-folder.js";
import { onSmallDisk } from "../support/namespace.js";
import { redisServer } from "../support/redis.js";
import { type Scratch, scratch } from "../support/scratch.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";
import { testWithSmallDisk, WITHOUT_SMALL_DISK } from "../support/with-small-disk.js";

/** Blobs in a map, as they lie on another machine; nothing is checked there. */
class Pile implements Blobs {
  readonly held = new Map<string, Uint8Array>();
  gets = 0;
  async has(sha256: string) {
    return this.held.has(sha256);
  }
  async put(sha256: string, bytes: Uint8Array) {
    this.held.set(sha256, bytes);
  }
  async get(sha256: string) {
    this.gets++;
    return this.held.get(sha256);
  }
}

async function sentFrom(folder: Scratch) {
  const dir = firmwareFolder(folder.file("from"));
  const parcel = parcelOf(dir);
  const pile = new Pile();
  const bytes = await sendParcel(parcel, pile);
  return { dir, parcel, pile, bytes, cache: folder.file("cache"), from: [{ name: "redis", blobs: pile }] };
}

const namesIn = (path: string): string[] => readdirSync(path).sort();

test("sent once and laid out elsewhere, it is the same firmware; what is there is neither sent nor asked for again", async () => {
  using folder = scratch();
  const { dir, parcel, pile, bytes, cache, from } = await sentFrom(folder);
  const sizes = [...pile.held.values()].map(({ length }) => length);
  expect(bytes).toBe(sizes.reduce((sum, size) => sum + size));
  expect([...pile.held.keys()].at(-1)).toBe(parcel.id);
  expect(await sendParcel(parcel, pile)).toBe(0);
  const laid = await fetchParcel(parcel.id, cache, from);
  expect(laid).toBe(join(cache, parcel.id, "files/Binaries/NCP_Binaries"));
  const strip = (path: string) => {
    const { files, ...set } = loadFirmware(openPackage(path), "t01", "2.0.106");
    return { ...set, files: files.map(({ path: _, ...file }) => file) };
  };
  expect(strip(laid)).toEqual(strip(dir));
  expect(parcelOf(laid).id).toBe(parcel.id);
  const { gets } = pile;
  expect(await fetchParcel(parcel.id, cache, [])).toBe(laid);
  expect(pile.gets).toBe(gets);
  expect(namesIn(cache)).toEqual([parcel.id]);
});

test("a file that changes while it is sent is not sent under the hash that it had", async () => {
  using folder = scratch();
  const dir = firmwareFolder(folder.path);
  const parcel = parcelOf(dir);
  appendFileSync(join(dir, imageName("t01", "2.0.106")), "x");
  const pile = new Pile();
  await expect(sendParcel(parcel, pile)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  expect([...pile.held].filter(([sha256, bytes]) => hashOf(bytes) !== sha256)).toEqual([]);
  expect(pile.held.has(parcel.id)).toBe(false);
});

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

test("sources are asked in their order; one that fails or lies is passed over, and all are named when none has it", async () => {
  using folder = scratch();
  const { parcel, pile, cache, from } = await sentFrom(folder);
  const liar = new Pile();
  for (const sha256 of pile.held.keys()) liar.held.set(sha256, Buffer.from("{}"));
  writeFileSync(folder.file("file"), "");
  const bad = [
    { name: "cache", blobs: new Pile() },
    { name: "share", blobs: new FolderBlobs(folder.file("file")) },
    { name: "liar", blobs: liar },
  ];
  await fetchParcel(parcel.id, cache, [...bad, ...from]);
  rmSync(cache, { recursive: true });
  const image = parseManifest(parcel.manifest, "it").files.find(({ path }) => path.includes("mission_t01_v"));
  pile.held.delete(image?.sha256 ?? "");
  await expect(fetchParcel(parcel.id, cache, [...bad, ...from])).rejects.toMatchObject({
    code: "FIRMWARE_NOT_FOUND",
    message: expect.stringMatching(
      new RegExp(`^${image?.path}: .*${image?.sha256}, got none from cache, share \\(.*ENOTDIR.*\\), liar, redis$`),
    ),
  });
  expect(namesIn(cache)).toEqual([]);
  await expect(fetchParcel("0".repeat(64), cache, from)).rejects.toMatchObject({
    code: "FIRMWARE_NOT_FOUND",
    message: expect.stringMatching(/^firmware 0{64}: /),
  });
});

test("an id that is no hash, and a manifest that is none, touch nothing", async () => {
  using folder = scratch();
  const pile = new Pile();
  const from = [{ name: "redis", blobs: pile }];
  const cache = folder.file("cache");
  const escaping = JSON.stringify({ folder: "", files: [{ path: "../x", sha256: hashOf(Buffer.of()), bytes: 0 }] });
  await pile.put(hashOf(Buffer.from(escaping)), Buffer.from(escaping));
  for (const id of ["", "..", "../cache", "A".repeat(64), hashOf(Buffer.from(escaping))])
    await expect(fetchParcel(id, cache, from)).rejects.toMatchObject({ code: "PACKAGE_INVALID" });
  expect(namesIn(folder.path)).toEqual([]);
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

const name = fc.stringMatching(/^[a-cé .~-]{1,4}$/).filter((one) => one !== "." && one !== "..");
const tree = fc.dictionary(
  fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/")),
  fc.uint8Array(),
  {
    minKeys: 1,
    maxKeys: 8,
  },
);

test("any tree comes out as it went in, or is refused before anything is there", async () => {
  let laidOut = 0;
  await fc.assert(
    fc.asyncProperty(tree, async (contents) => {
      using folder = scratch();
      const pile = new Pile();
      const files = Object.entries(contents).map(([path, bytes]) => ({
        path,
        sha256: hashOf(bytes),
        bytes: bytes.length,
      }));
      for (const bytes of Object.values(contents)) await pile.put(hashOf(bytes), bytes);
      const text = Buffer.from(JSON.stringify({ folder: "", files } satisfies Manifest));
      const id = hashOf(text);
      await pile.put(id, text);
      const from = [{ name: "pile", blobs: pile }];
      const clash = files.some(({ path }) => files.some((other) => other.path.startsWith(`${path}/`)));
      if (clash) {
        await expect(fetchParcel(id, folder.file("cache"), from)).rejects.toMatchObject({ code: "PACKAGE_INVALID" });
        return expect(existsSync(folder.file("cache"))).toBe(false);
      }
      const laid = await fetchParcel(id, folder.file("cache"), from);
      for (const [path, bytes] of Object.entries(contents))
        expect(Buffer.compare(readFileSync(join(laid, path)), bytes)).toBe(0);
      expect(await fetchParcel(id, folder.file("cache"), [])).toBe(laid);
      laidOut++;
    }),
  );
  expect(laidOut).toBeGreaterThan(50);
});

const title = "by way of a real Redis, and of a folder that both share";
testWithRedis(`${title}${WITHOUT_REDIS}`, async () => {
  using folder = scratch();
  await using server = await redisServer({ appendonly: false });
  const client = await connect(redisPlace(server.url), () => undefined);
  const parcel = parcelOf(firmwareFolder(folder.file("from")));
  for (const [name, blobs] of [
    ["redis", new RedisBlobs(client)],
    ["share", new FolderBlobs(folder.file("share"))],
  ] as const) {
    expect(await sendParcel(parcel, blobs)).toBeGreaterThan(0);
    expect(await sendParcel(parcel, blobs)).toBe(0);
    const laid = await fetchParcel(parcel.id, folder.file(`cache-${name}`), [{ name, blobs }]);
    expect(parcelOf(laid).id).toBe(parcel.id);
  }
  client.disconnect();
});
