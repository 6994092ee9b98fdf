import { readSync, writeSync } from "node:fs";

/** A file or folder that answers for itself, as those of /sys do. Calls return a negative errno to refuse. */
export interface Entry {
  /** Whether a process may have it now; every process, root as well. */
  allowed?(): boolean;
  /** A folder's entries. */
  entries?(): ReadonlyMap<string, Entry>;
  read?(): string | number;
  write?(text: string): number;
}

const ENOENT = -2;
const EACCES = -13;
export const ENODEV = -19;
const ENOSYS = -38;

const OPCODES = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  open: 14,
  read: 15,
  write: 16,
  release: 18,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  access: 34,
  interrupt: 36,
  forgetMany: 42,
};
const HEADER = 40;
const REPLY_HEADER = 16;
const ATTRIBUTES = 88;
const DIRECT_IO = 1;
/** What is asked of a file whose mere existence is of interest. */
const JUST_THERE = 0;
const FOLDER_MODE = 0o040755;
const FILE_MODE = 0o100644;
const FILE_BYTES = 4096n;

interface Request {
  readonly opcode: number;
  readonly node: bigint;
  readonly body: Buffer;
}

/**
 * Serves `root` on an open /dev/fuse until it is unmounted. Nothing is cached, so each call of a process arrives here
 * and is answered before it returns: what is read back is what was written.
 */
export function serve(file: number, root: Entry): void {
  const nodes = new Nodes(root);
  const buffer = Buffer.alloc(65_536);
  for (;;) {
    let length: number;
    try {
      length = readSync(file, buffer);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENODEV") return;
      throw error;
    }
    const opcode = buffer.readUInt32LE(4);
    if ([OPCODES.forget, OPCODES.forgetMany, OPCODES.interrupt].includes(opcode)) continue;
    const body = Buffer.from(buffer.subarray(HEADER, length));
    const answer = answerTo({ opcode, node: buffer.readBigUInt64LE(16), body }, nodes);
    const payload = typeof answer === "number" ? Buffer.alloc(0) : answer;
    const head = Buffer.alloc(REPLY_HEADER);
    head.writeUInt32LE(REPLY_HEADER + payload.length, 0);
    head.writeInt32LE(typeof answer === "number" ? answer : 0, 4);
    head.writeBigUInt64LE(buffer.readBigUInt64LE(8), 8);
    writeSync(file, Buffer.concat([head, payload]));
  }
}

class Nodes {
  readonly #entries = new Map<bigint, Entry>();
  readonly #ids = new Map<Entry, bigint>();

  constructor(root: Entry) {
    this.id(root);
  }

  id(entry: Entry): bigint {
    const id = this.#ids.get(entry) ?? BigInt(this.#ids.size + 1);
    this.#ids.set(entry, id);
    this.#entries.set(id, entry);
    return id;
  }

  entry(id: bigint): Entry | undefined {
    return this.#entries.get(id);
  }
}

function answerTo({ opcode, node, body }: Request, nodes: Nodes): Buffer | number {
  const entry = nodes.entry(node);
  if (opcode === OPCODES.init) return initialized();
  if (entry === undefined) return ENOENT;
  switch (opcode) {
    case OPCODES.lookup: {
      const child = entry.entries?.().get(body.toString("utf8", 0, body.indexOf(0)));
      return child === undefined ? ENOENT : entryOut(nodes.id(child), child);
    }
    case OPCODES.getattr:
    case OPCODES.setattr:
      return Buffer.concat([Buffer.alloc(16), attributes(node, entry)]);
    case OPCODES.access:
      return body.readUInt32LE(0) !== JUST_THERE && entry.allowed?.() === false ? EACCES : 0;
    case OPCODES.open:
    case OPCODES.opendir:
      return entry.allowed?.() === false ? EACCES : opened();
    case OPCODES.read: {
      const text = entry.read?.() ?? ENOSYS;
      const start = Number(body.readBigUInt64LE(8));
      return typeof text === "number" ? text : Buffer.from(text).subarray(start, start + body.readUInt32LE(16));
    }
    case OPCODES.write: {
      const bytes = body.subarray(40, 40 + body.readUInt32LE(16));
      const result = entry.write?.(bytes.toString().trim()) ?? ENOSYS;
      return result < 0 ? result : written(bytes.length);
    }
    case OPCODES.readdir:
      return listing(entry, body.readBigUInt64LE(8), nodes);
    case OPCODES.flush:
    case OPCODES.release:
    case OPCODES.releasedir:
      return 0;
    default:
      return ENOSYS;
  }
}

/** Version 7.31, writes of a page. */
function initialized(): Buffer {
  const reply = Buffer.alloc(64);
  reply.writeUInt32LE(7, 0);
  reply.writeUInt32LE(31, 4);
  reply.writeUInt32LE(4096, 20);
  return reply;
}

function entryOut(id: bigint, entry: Entry): Buffer {
  const reply = Buffer.alloc(40);
  reply.writeBigUInt64LE(id, 0);
  return Buffer.concat([reply, attributes(id, entry)]);
}

function attributes(id: bigint, entry: Entry): Buffer {
  const reply = Buffer.alloc(ATTRIBUTES);
  reply.writeBigUInt64LE(id, 0);
  reply.writeBigUInt64LE(FILE_BYTES, 8);
  reply.writeUInt32LE(entry.entries === undefined ? FILE_MODE : FOLDER_MODE, 60);
  reply.writeUInt32LE(1, 64);
  return reply;
}

function opened(): Buffer {
  const reply = Buffer.alloc(16);
  reply.writeUInt32LE(DIRECT_IO, 8);
  return reply;
}

function written(length: number): Buffer {
  const reply = Buffer.alloc(8);
  reply.writeUInt32LE(length, 0);
  return reply;
}

/** All at once: these folders are small. */
function listing(entry: Entry, offset: bigint, nodes: Nodes): Buffer {
  if (offset > 0n) return Buffer.alloc(0);
  const all = [...(entry.entries?.() ?? [])].map(([name, child], i) => {
    const head = Buffer.alloc(24);
    head.writeBigUInt64LE(nodes.id(child), 0);
    head.writeBigUInt64LE(BigInt(i + 1), 8);
    head.writeUInt32LE(Buffer.byteLength(name), 16);
    head.writeUInt32LE(child.entries === undefined ? 8 : 4, 20);
    const padding = Buffer.alloc(-(24 + Buffer.byteLength(name)) & 7);
    return Buffer.concat([head, Buffer.from(name), padding]);
  });
  return Buffer.concat(all);
}
