import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { FolderBlobs, RedisBlobs } from "../../harness/farm/blobs.js";
import { connect, redisPlace } from "../../harness/farm/connection.js";
import { fetchParcel, sendParcel } from "../../harness/farm/depot.js";
import { hashOf } from "../../harness/farm/kept.js";
import { type Manifest, parseManifest } from "../../harness/farm/manifest.js";
import { parcelOf } from "../../harness/farm/parcel.js";
import { imageName } from "../../harness/firmware/names.js";
import { loadFirmware, openPackage } from "../../harness/firmware/package.js";
import { namesIn, Pile, sentFrom } from "../support/depot.js";
import { firmwareFolder } from "../support/firmware-folder.js";
import { redisServer } from "../support/redis.js";
import { scratch } from "../support/scratch.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";

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
