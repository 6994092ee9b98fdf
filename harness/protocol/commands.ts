import { bytes, type Layout, rest, u32, type Values } from "./fields.js";

interface Command {
  /** First byte on the wire. */
  readonly opcode: number;
  readonly request: Layout;
  /** `undefined`: the answer is a bare OK. A layout: OK, a length and data. */
  readonly response: Layout | undefined;
  /** Longest silence the host sits through before it gives up, in milliseconds; a PD starts it anew. */
  readonly budgetMs: number;
  /** The vendor's host sends a checksum byte of 0 (which the device does not check) with this command. */
  readonly unchecked?: true;
  /** The sister chips' loaders say OK to it before they have done it: what fails then is a second answer, FL. */
  readonly early?: true;
  /** It writes fuses: what was written stays. */
  readonly irreversible?: true;
  /** The status with which a payload of the wrong length is refused. */
  readonly wrongLength?: number;
}

/** Most data bytes of a write or a read: the vendor's tx_size of 2056 less 8. Proven; the ROM's own limit is not known. */
export const CHUNK_BYTES = 2048;

/** Marks the first chunk of an xz stream in the address word of `flashDecompressWrite`. */
export const FIRST_CHUNK = 0x8000_0000;

/** A part of a RAM image: its length is the handler's business, for the sequence is judged first. */
const imagePart = <S extends number>(wrongLength: S) =>
  ({ request: { part: rest(0) }, response: undefined, budgetMs: 2000, unchecked: true, wrongLength }) as const;

/**
 * Every command of the boot ROM. Host and simulator both read this table; nothing else knows an opcode.
 * Sources: the protocol's public description (host side) and the sister chips' loaders (status codes, lengths).
 * From `loadBootHeader` to `runImage`: a program for the RAM, in this order; this family's flasher needs none. Their
 * payloads are raw: the sequence is judged before the length. Opcodes of other families are not here: a device that
 * does not know them is silent.
 * The hashes: the vendor's budget is 2 s for each 2 MiB; 1.2 MB/s were seen, so 4 MiB want 3.5 s.
 */
export const COMMANDS = {
  getBootInfo: { opcode: 0x10, request: {}, response: { data: rest(20) }, budgetMs: 2000, unchecked: true },
  loadBootHeader: {
    opcode: 0x11,
    request: { header: bytes(256) },
    response: undefined,
    budgetMs: 2000,
    unchecked: true,
    wrongLength: 0x0201,
  },
  loadPublicKey: { opcode: 0x12, ...imagePart(0x020a) },
  loadPublicKey2: { opcode: 0x13, ...imagePart(0x020a) },
  loadSignature: { opcode: 0x14, ...imagePart(0x020d) },
  loadSignature2: { opcode: 0x15, ...imagePart(0x020d) },
  loadAesIv: { opcode: 0x16, ...imagePart(0x0208) },
  loadSegmentHeader: { opcode: 0x17, ...imagePart(0x020f), response: { header: bytes(16) } },
  loadSegmentData: { opcode: 0x18, ...imagePart(0x0212) },
  checkImage: { opcode: 0x19, request: {}, response: undefined, budgetMs: 2000, unchecked: true },
  runImage: { opcode: 0x1a, request: {}, response: undefined, budgetMs: 2000, unchecked: true },
  /** Answered at the new rate. */
  changeRate: {
    opcode: 0x20,
    request: { from: u32, to: u32 },
    response: undefined,
    budgetMs: 2000,
    unchecked: true,
    wrongLength: 0x0301,
  },
  reset: { opcode: 0x21, request: {}, response: undefined, budgetMs: 2000 },
  clockSet: {
    opcode: 0x22,
    request: { irq: u32, baud: u32, clock: rest(0) },
    response: undefined,
    budgetMs: 2000,
    wrongLength: 0x0102,
  },
  setIdleTimeout: {
    opcode: 0x23,
    request: { ms: u32 },
    response: undefined,
    budgetMs: 2000,
    unchecked: true,
    wrongLength: 0x0102,
  },
  flashErase: {
    opcode: 0x30,
    request: { first: u32, last: u32 },
    response: undefined,
    budgetMs: 100_000,
    wrongLength: 0x0002,
  },
  flashWrite: {
    opcode: 0x31,
    early: true,
    request: { address: u32, data: rest(1) },
    response: undefined,
    budgetMs: 2000,
    wrongLength: 0x0004,
  },
  flashRead: {
    opcode: 0x32,
    request: { address: u32, length: u32 },
    response: { data: rest(0) },
    budgetMs: 2000,
    wrongLength: 0x0004,
  },
  flashBoot: { opcode: 0x33, request: {}, response: undefined, budgetMs: 2000 },
  flashXipRead: {
    opcode: 0x34,
    request: { address: u32, length: u32 },
    response: { data: rest(0) },
    budgetMs: 2000,
    wrongLength: 0x0004,
  },
  flashSwitchBank: {
    opcode: 0x35,
    request: { bank: u32 },
    response: undefined,
    budgetMs: 100_000,
    wrongLength: 0x000d,
  },
  flashReadJedec: { opcode: 0x36, request: {}, response: { id: bytes(4) }, budgetMs: 2000 },
  flashReadStatus: {
    opcode: 0x37,
    request: { command: u32, length: u32 },
    response: { data: rest(0) },
    budgetMs: 2000,
    wrongLength: 0x0009,
  },
  flashWriteStatus: {
    opcode: 0x38,
    request: { command: u32, length: u32, value: u32 },
    response: undefined,
    budgetMs: 2000,
    wrongLength: 0x000a,
  },
  flashWriteCheck: { opcode: 0x3a, request: {}, response: undefined, budgetMs: 2000 },
  flashSetPara: {
    opcode: 0x3b,
    request: { word: u32, parameters: rest(0) },
    response: undefined,
    budgetMs: 2000,
    wrongLength: 0x0008,
  },
  flashChipErase: { opcode: 0x3c, request: {}, response: undefined, budgetMs: 100_000 },
  flashReadSha: {
    opcode: 0x3d,
    request: { address: u32, length: u32 },
    response: { digest: bytes(32) },
    budgetMs: 6000,
    wrongLength: 0x0004,
  },
  flashXipReadSha: {
    opcode: 0x3e,
    request: { address: u32, length: u32 },
    response: { digest: bytes(32) },
    budgetMs: 6000,
    wrongLength: 0x0004,
  },
  flashDecompressWrite: {
    opcode: 0x3f,
    early: true,
    request: { address: u32, data: rest(1) },
    response: undefined,
    budgetMs: 30_000,
    wrongLength: 0x000b,
  },
  efuseWrite: {
    opcode: 0x40,
    irreversible: true,
    request: { address: u32, data: rest(4) },
    response: undefined,
    budgetMs: 2000,
    wrongLength: 0x0401,
  },
  efuseRead: {
    opcode: 0x41,
    request: { address: u32, length: u32 },
    response: { data: rest(0) },
    budgetMs: 2000,
    wrongLength: 0x0404,
  },
  /** The CRC32 is that of the six bytes. */
  efuseReadMac: { opcode: 0x42, request: {}, response: { mac: bytes(6), crc: u32 }, budgetMs: 2000 },
  efuseWriteMac: {
    opcode: 0x43,
    irreversible: true,
    request: { mac: bytes(6) },
    response: undefined,
    budgetMs: 2000,
    wrongLength: 0x0408,
  },
  /** Pairs of address and value, each a word. */
  memoryWrite: {
    opcode: 0x50,
    request: { pairs: rest(0) },
    response: undefined,
    budgetMs: 2000,
    unchecked: true,
    wrongLength: 0x0501,
  },
  memoryRead: {
    opcode: 0x51,
    request: { address: u32, length: u32 },
    response: { data: rest(0) },
    budgetMs: 2000,
    wrongLength: 0x0504,
  },
  xipReadStart: { opcode: 0x60, request: {}, response: undefined, budgetMs: 2000 },
  xipReadFinish: { opcode: 0x61, request: {}, response: undefined, budgetMs: 2000 },
  readLog: { opcode: 0x71, request: {}, response: { text: rest(0) }, budgetMs: 2000 },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
export type Request<N extends CommandName> = Values<(typeof COMMANDS)[N]["request"]>;
export type Response<N extends CommandName> = (typeof COMMANDS)[N]["response"] extends Layout
  ? Values<(typeof COMMANDS)[N]["response"]>
  : Record<string, never>;

const BY_OPCODE = new Map<number, CommandName>(
  (Object.keys(COMMANDS) as CommandName[]).map((name) => [COMMANDS[name].opcode, name]),
);

export const commandOf = (opcode: number): CommandName | undefined => BY_OPCODE.get(opcode);

/** The row of a command, for code that treats all alike. */
export const rowOf = (name: CommandName): Command => COMMANDS[name];
