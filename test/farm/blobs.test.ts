import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { type Blobs, FolderBlobs, RedisBlobs } from "../../harness/farm/blobs.js";
import { hashOf } from "../../harness/farm/kept.js";
import { KEYS } from "../../harness/farm/keys.js";
import { onSmallDisk } from "../support/namespace.js";
import { redisServer } from "../support/redis.js";
import { scratch } from "../support/scratch.js";
import { describeWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";
import { testWithSmallDisk, WITHOUT_SMALL_DISK } from "../support/with-small-disk.js";

const PIECE = 256 * 1024;
const LIMIT = 64 * 1024 * 1024;
const filled = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
const BYTES = filled(2 * PIECE + 17);
const HASH = hashOf(BYTES);
const KEY = KEYS.blob(HASH);

async function onRedis() {
  const server = await redisServer({ appendonly: false });
  const client = new Redis({ path: server.socket, disableClientInfo: true });
  client.on("error", () => undefined);
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      client.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** What holds of both. */
async function keeps(blobs: Blobs): Promise<void> {
  expect([await blobs.has(HASH), await blobs.get(HASH, LIMIT)]).toEqual([false, undefined]);
  for (const length of [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 17]) {
    const bytes = filled(length);
    for (const _ of ["first", "again"]) await blobs.put(hashOf(bytes), bytes);
    const got = await blobs.get(hashOf(bytes), length);
    expect({ has: await blobs.has(hashOf(bytes)), same: got !== undefined && Buffer.compare(got, bytes) }).toEqual({
      has: true,
      same: 0,
    });
    if (length > 0) expect(await blobs.get(hashOf(bytes), length - 1)).toBeUndefined();
  }
  for (const name of ["", "../x", HASH.toUpperCase(), `${HASH}\n`])
    expect([await blobs.has(name), await blobs.get(name, LIMIT)]).toEqual([false, undefined]);
  await expect(blobs.put(HASH, filled(3))).rejects.toMatchObject({ code: "INTERNAL" });
  const large = new Uint8Array(LIMIT + 1);
  const refused = {
    code: "FILE_UNREADABLE",
    message: expect.stringMatching(`${LIMIT + 1} bytes: more than the ${LIMIT}`),
  };
  await expect(blobs.put(hashOf(large), large)).rejects.toMatchObject(refused);
  await blobs.remove?.(HASH);
  expect(await blobs.has(HASH)).toBe(false);
  await blobs.remove?.(HASH);
}

describeWithRedis(`in Redis${WITHOUT_REDIS}`, () => {
  test("bytes come back as they were put, and bounded", async () => {
    await using redis = await onRedis();
    await keeps(new RedisBlobs(redis.client));
  });

  test("a blob lives as long as was said, again from each has and put; no other key stays", async () => {
    await using redis = await onRedis();
    const blobs = new RedisBlobs(redis.client, 50_000);
    const lives = async () => (await redis.client.pttl(KEY)) > 40_000;
    await blobs.put(HASH, BYTES);
    expect(await lives()).toBe(true);
    for (const again of [() => blobs.has(HASH), () => blobs.put(HASH, BYTES)]) {
      await redis.client.pexpire(KEY, 10_000);
      await again();
      expect(await lives()).toBe(true);
    }
    expect(await redis.client.keys("*")).toEqual([KEY]);
  });

  test("two writers and readers at once: never anything but the whole or nothing", async () => {
    await using redis = await onRedis();
    const other = redis.client.duplicate();
    const [one, two] = [new RedisBlobs(redis.client), new RedisBlobs(other)];
    const writes = [one.put(HASH, BYTES), two.put(HASH, BYTES), one.put(HASH, BYTES)];
    const reads = await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : two).get(HASH, LIMIT)));
    await Promise.all(writes);
    expect(new Set(reads.map((bytes) => bytes && hashOf(bytes)))).toEqual(
      new Set(reads.some(Boolean) ? [undefined, HASH] : [undefined]),
    );
    expect(hashOf((await one.get(HASH, LIMIT)) ?? filled(0))).toBe(HASH);
    expect(await redis.client.keys("*")).toEqual([KEY]);
    other.disconnect();
  });

  test("what a writer that died has left is no blob, and ends by itself", async () => {
    await using redis = await onRedis();
    const dying = redis.client.duplicate();
    // It is gone after its second piece.
    let calls = 0;
    const client = new Proxy(dying, {
      get: (target, name) =>
        name === "eval" && ++calls > 2
          ? () => Promise.reject(new Error("Connection is closed."))
          : name === "unlink"
            ? () => Promise.reject(new Error("Connection is closed."))
            : Reflect.get(target, name).bind?.(target),
    });
    await expect(new RedisBlobs(client).put(HASH, BYTES)).rejects.toMatchObject({ code: "REDIS_UNUSABLE" });
    const [left = ""] = await redis.client.keys("*");
    expect({ left, lives: (await redis.client.pttl(left)) > 0 }).toEqual({
      left: expect.stringMatching(`^${KEY}:`),
      lives: true,
    });
    expect(await new RedisBlobs(redis.client).get(HASH, LIMIT)).toBeUndefined();
    dying.disconnect();
  });

  test("each step may be sent twice, as by a client that has lost its connection meanwhile", async () => {
    await using redis = await onRedis();
    const client = new Proxy(redis.client, {
      get: (target, name) => {
        if (name !== "eval") return Reflect.get(target, name).bind?.(target);
        return async (...args: Parameters<Redis["eval"]>) => {
          await target.eval(...args);
          return target.eval(...args);
        };
      },
    });
    await new RedisBlobs(client).put(HASH, BYTES);
    expect(await redis.client.llen(KEY)).toBe(3);
    expect(hashOf((await new RedisBlobs(redis.client).get(HASH, LIMIT)) ?? filled(0))).toBe(HASH);
    expect(await redis.client.keys("*")).toEqual([KEY]);
  });

  test("a list that ended while it grew is not taken for whole", async () => {
    await using redis = await onRedis();
    const client = new Proxy(redis.client, {
      get: (target, name) => {
        if (name !== "eval") return Reflect.get(target, name).bind?.(target);
        return async (...args: Parameters<Redis["eval"]>) => {
          for (const key of args[3] === 2 ? await target.keys("*") : []) await target.del(key);
          return target.eval(...args);
        };
      },
    });
    await expect(new RedisBlobs(client).put(HASH, BYTES)).rejects.toMatchObject({ code: "REDIS_UNUSABLE" });
    expect(await redis.client.keys("*")).toEqual([]);
  });

  test.each<[string, (client: Redis) => Promise<unknown>]>([
    ["a text", (client) => client.set(KEY, Buffer.from(BYTES))],
    ["other bytes", (client) => client.rpush(KEY, Buffer.from(filled(5)))],
    ["a piece too few", (client) => client.rpush(KEY, Buffer.from(BYTES.subarray(0, PIECE)))],
    ["more pieces than there may be", (client) => client.rpush(KEY, ...Array.from({ length: 300 }, () => ""))],
  ])("%s in its place is not returned, and may be put again", async (_, harm) => {
    await using redis = await onRedis();
    await harm(redis.client);
    const blobs = new RedisBlobs(redis.client);
    expect(await blobs.get(HASH, LIMIT)).toBeUndefined();
    // What tells a sender that it must send.
    expect(await blobs.has(HASH)).toBe(false);
    await blobs.put(HASH, BYTES);
    expect(hashOf((await blobs.get(HASH, LIMIT)) ?? filled(0))).toBe(HASH);
  });

  test("a piece that is too long is not fetched", async () => {
    await using redis = await onRedis();
    await redis.client.rpush(KEY, Buffer.alloc(8 * 1024 * 1024));
    const before = await sent(redis.client);
    expect(await new RedisBlobs(redis.client).get(HASH, LIMIT)).toBeUndefined();
    expect((await sent(redis.client)) - before).toBeLessThan(100_000);
  });

  test("a server without room: told, and nothing half-written", async () => {
    await using redis = await onRedis();
    await redis.client.config("SET", "maxmemory", "2mb");
    const bytes = filled(4 * 1024 * 1024);
    await expect(new RedisBlobs(redis.client).put(hashOf(bytes), bytes)).rejects.toMatchObject({
      code: "REDIS_UNUSABLE",
      message: expect.stringContaining("OOM"),
    });
    expect(await redis.client.keys("*")).toEqual([]);
  });

  test("a server that is killed and started again keeps what it had with appendonly", async () => {
    await using server = await redisServer();
    const client = new Redis({ path: server.socket, disableClientInfo: true, retryStrategy: () => 10 });
    client.on("error", () => undefined);
    await new RedisBlobs(client).put(HASH, BYTES);
    const first = server.pid;
    await server.kill("SIGKILL");
    await server.restart();
    expect(server.pid).not.toBe(first);
    expect(hashOf((await new RedisBlobs(client).get(HASH, LIMIT)) ?? filled(0))).toBe(HASH);
    client.disconnect();
  });
});

const sent = async (client: Redis): Promise<number> =>
  Number(/total_net_output_bytes:(\d+)/.exec(await client.info("stats"))?.[1]);

describe("in a folder", () => {
  test("bytes come back as they were put, and bounded; the folder need not be there", async () => {
    using folder = scratch();
    await keeps(new FolderBlobs(folder.file("a/b")));
    expect(readdirSync(folder.file("a/b"))).not.toContain(HASH);
    expect(readdirSync(folder.file("a/b")).filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
  });

  test.each<[string, (path: string, secret: string) => void]>([
    ["a damaged file", (path) => writeFileSync(path, filled(5))],
    ["one cut short", (path) => writeFileSync(path, BYTES.subarray(0, 100))],
    ["a link to the right bytes", (path, secret) => symlinkSync(secret, path)],
    ["a link to nothing", (path) => symlinkSync("nothing", path)],
  ])("%s is none, and is replaced when put again; a link's end stays", async (_, harm) => {
    using folder = scratch();
    const secret = folder.file("secret");
    writeFileSync(secret, BYTES);
    mkdirSync(folder.file("blobs"));
    harm(folder.file(`blobs/${HASH}`), secret);
    const blobs = new FolderBlobs(folder.file("blobs"));
    expect([await blobs.has(HASH), await blobs.get(HASH, LIMIT)]).toEqual([false, undefined]);
    await blobs.put(HASH, BYTES);
    expect(hashOf((await blobs.get(HASH, LIMIT)) ?? filled(0))).toBe(HASH);
    expect(hashOf(readFileSync(secret))).toBe(HASH);
    expect(readdirSync(folder.file("blobs"))).toEqual([HASH]);
  });

  test("where a folder lies there is none; where none can be made that is told", async () => {
    using folder = scratch();
    mkdirSync(folder.file(`blobs/${HASH}`), { recursive: true });
    const blobs = new FolderBlobs(folder.file("blobs"));
    expect(await blobs.get(HASH, LIMIT)).toBeUndefined();
    await expect(blobs.put(HASH, BYTES)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
    expect(readdirSync(folder.file("blobs"))).toEqual([HASH]);
    writeFileSync(folder.file("file"), "");
    const none = new FolderBlobs(folder.file("file"));
    await expect(none.put(HASH, BYTES)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
    await expect(none.get(HASH, LIMIT)).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  });

  testWithSmallDisk(`a disk that is full is told, and nothing half-written stays${WITHOUT_SMALL_DISK}`, () => {
    using folder = scratch();
    const disk = folder.file("disk");
    mkdirSync(disk);
    const program = `import { createJiti } from "jiti";
      const { FolderBlobs } = await createJiti(${JSON.stringify(import.meta.url)}, { fsCache: false }).import("../../harness/farm/blobs.ts");
      const bytes = new Uint8Array(1 << 20);
      const { createHash } = await import("node:crypto");
      await new FolderBlobs(process.argv[1]).put(createHash("sha256").update(bytes).digest("hex"), bytes)
        .then(() => console.log("kept"), ({ code, message }) => console.log(code, message));`;
    const script = `"$@" "$0"; ls -A "$0"`;
    const { stdout } = onSmallDisk("512k", disk, script, [process.execPath, "--input-type=module", "-e", program]);
    expect(stdout).toMatch(/^FILE_UNWRITABLE .*ENOSPC.*\n$/);
  });
});
