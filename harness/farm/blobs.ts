import { randomBytes } from "node:crypto";
import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { HarnessError } from "../base/errors.js";
import { writeNew } from "../base/files.js";
import { makeFolder } from "../base/folders.js";
import { LARGEST_BYTES } from "../base/read-file.js";
import { unwritable } from "../base/unwritable.js";
import { hashOf, isHash, readKept } from "./kept.js";
import { KEYS } from "./keys.js";
import { HAS, PUSH, READ, SETTLE } from "./piece-scripts.js";

/** Where bytes are kept by their SHA-256. */
export interface Blobs {
  has(sha256: string): Promise<boolean>;
  /**
   * Idempotent; what is damaged there is replaced.
   *
   * @throws HarnessError FILE_UNREADABLE for more than `LARGEST_BYTES`; REDIS_UNUSABLE or FILE_UNWRITABLE.
   */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /** `undefined`: not there (any more), or what is there has another hash or is larger than `mostBytes`. */
  get(sha256: string, mostBytes: number): Promise<Uint8Array | undefined>;
  remove?(sha256: string): Promise<void>;
}

const PIECE_BYTES = 256 * 1024;
const MOST_PIECES = LARGEST_BYTES / PIECE_BYTES;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Of a list that is being written: a writer that is gone leaves it behind for so long. */
const UNFINISHED_MS = 10 * 60 * 1000;

/**
 * In Redis, for a day from when it was last put or asked for by `has`. A list grows under a name of its own and is renamed
 * when it is whole; every step may be sent twice, as a client does that has lost its connection.
 */
export class RedisBlobs implements Blobs {
  readonly #client: Redis;
  readonly #ttlMs: number;

  constructor(client: Redis, ttlMs = DAY_MS) {
    this.#client = client;
    this.#ttlMs = ttlMs;
  }

  async has(sha256: string): Promise<boolean> {
    return isHash(sha256) && (await this.#client.eval(HAS, 1, KEYS.blob(sha256), MOST_PIECES, this.#ttlMs)) === 1;
  }

  async put(sha256: string, bytes: Uint8Array): Promise<void> {
    refuseWrong(sha256, bytes);
    const growing = `${KEYS.blob(sha256)}:${randomBytes(8).toString("hex")}`;
    const gone = () =>
      new HarnessError("REDIS_UNUSABLE", `blob ${sha256}: Redis lost the first pieces before the last`);
    try {
      for (let index = 0; index === 0 || index * PIECE_BYTES < bytes.length; index++) {
        const piece = Buffer.from(bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES));
        if ((await this.#client.eval(PUSH, 1, growing, index, piece, UNFINISHED_MS)) !== index + 1) throw gone();
      }
      if ((await this.#client.eval(SETTLE, 2, growing, KEYS.blob(sha256), this.#ttlMs)) !== 1) throw gone();
    } catch (cause) {
      // Best effort: it ends by itself. Not waited for, as the connection may be what is lost.
      this.#client.unlink(growing).catch(() => undefined);
      if (cause instanceof HarnessError) throw cause;
      throw new HarnessError("REDIS_UNUSABLE", `blob ${sha256}: not taken: ${(cause as Error).message}`, { cause });
    }
  }

  async get(sha256: string, mostBytes: number): Promise<Uint8Array | undefined> {
    if (!isHash(sha256)) return undefined;
    const pieces: Uint8Array[] = [];
    let left = Math.min(mostBytes, LARGEST_BYTES);
    for (let count = 1; pieces.length < count; ) {
      const asked = [KEYS.blob(sha256), pieces.length, MOST_PIECES, Math.min(left, PIECE_BYTES)] as const;
      const [told, piece] = (await this.#client.callBuffer("EVAL", READ, 1, ...asked)) as [] | [number, Buffer];
      if (told === undefined || piece === undefined) return undefined;
      pieces.push(piece);
      left -= piece.length;
      count = told;
    }
    const bytes = Buffer.concat(pieces);
    if (hashOf(bytes) === sha256) return bytes;
    // As long as it lay there, nobody would put the right one.
    await this.remove(sha256);
    return undefined;
  }

  async remove(sha256: string): Promise<void> {
    if (isHash(sha256)) await this.#client.unlink(KEYS.blob(sha256));
  }
}

/**
 * In a folder, as files named by their hash: an agent's cache, or one that machines share. Others may write there: no link
 * is followed, and nothing is taken without its hash. The folder is made when the first blob is put.
 */
export class FolderBlobs implements Blobs {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Reads it: a damaged one is none. */
  async has(sha256: string): Promise<boolean> {
    return (await this.get(sha256, LARGEST_BYTES)) !== undefined;
  }

  async put(sha256: string, bytes: Uint8Array): Promise<void> {
    refuseWrong(sha256, bytes);
    makeFolder(this.#folder);
    const path = join(this.#folder, sha256);
    const temporary = join(this.#folder, `.st67-hil-${randomBytes(8).toString("hex")}.tmp`);
    writeNew(temporary, [bytes]);
    try {
      // Over a link, not through it.
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw unwritable(path, cause);
    }
  }

  /** @throws HarnessError FILE_UNREADABLE where the system does not let us look. */
  async get(sha256: string, mostBytes: number): Promise<Uint8Array | undefined> {
    if (!isHash(sha256)) return undefined;
    const bytes = readKept(join(this.#folder, sha256), Math.min(mostBytes, LARGEST_BYTES));
    return bytes !== undefined && hashOf(bytes) === sha256 ? bytes : undefined;
  }

  async remove(sha256: string): Promise<void> {
    if (isHash(sha256)) rmSync(join(this.#folder, sha256), { force: true });
  }
}

function refuseWrong(sha256: string, bytes: Uint8Array): void {
  if (bytes.length > LARGEST_BYTES)
    throw new HarnessError(
      "FILE_UNREADABLE",
      `blob ${sha256}: ${bytes.length} bytes: more than the ${LARGEST_BYTES} that are kept`,
    );
  if (hashOf(bytes) !== sha256) throw new HarnessError("INTERNAL", `blob ${sha256}: put with bytes of another hash`);
}
