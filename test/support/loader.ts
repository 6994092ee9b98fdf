import { createHash } from "node:crypto";
import { Inbox } from "../../harness/base/inbox.js";
import type { Clock, Deadline } from "../../harness/base/time.js";
import type { Wire } from "../../harness/base/wire.js";

/** How this loader differs from BL702's. Times in milliseconds. */
interface Traits {
  /** The data of the boot info: 20 bytes from BL602's loader, 24 from BL702's. */
  readonly bootInfo: Uint8Array;
  /** Opcodes that it does not know. */
  readonly lacks: readonly number[];
  /** How it meets them. */
  readonly unknown: "silent" | "refused";
  /** Longest data of a read's answer; what is asked beyond it is left away. */
  readonly readLimit: number;
  /** Pages with such an address in them cannot be programmed. */
  readonly deadPages: readonly number[];
  readonly pageMs: number;
  /** Nothing is acknowledged before it is done. */
  readonly lateOk: boolean;
}

const LOADER_INFO = Uint8Array.from({ length: 24 }, (_, at) => (at < 4 ? 0xff : at));
const TRAITS: Traits = {
  bootInfo: LOADER_INFO,
  lacks: [0x20, 0x22, 0x23, 0x3f, 0x41],
  unknown: "silent",
  readLimit: 0x2404,
  deadPages: [],
  pageMs: 0.7,
  lateOk: false,
};

const BUFFER_BYTES = 0x2408;
const IDLE_MS = 2000;
const PAGE_BYTES = 256;
const SECTOR_BYTES = 4096;

/** A failure that was answered already, or is to be. */
class Failure {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

const OK = Buffer.from("OK");
const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);

/**
 * The RAM loader of a sister chip, made from its public description and nothing else: it shares no code with the harness
 * but the wire. Its rate is the one of the burst, for ever; two idle time-outs in a row or three failures end a session.
 */
export class Loader {
  readonly flash = new Uint8Array(4 * 1024 * 1024).fill(0xff);
  /** Opcodes of the whole packets that were heard in a session, in order. */
  readonly heard: number[] = [];
  /** Bursts that were answered. */
  greeted = 0;
  readonly #traits: Traits;
  readonly #clock: Clock;
  readonly #inbox = new Inbox();
  #hostBaud = 500_000;
  #baud: number | undefined;
  #buffer = Buffer.alloc(0);
  #quietSince = 0;
  #busy = false;
  #failures = 0;
  #sticky = 0;
  #mapped = false;
  #work: Promise<void> = Promise.resolve();

  constructor(clock: Clock, traits: Partial<Traits> = {}) {
    this.#clock = clock;
    this.#traits = { ...TRAITS, ...traits };
  }

  connect(): Wire {
    const loader = this;
    return {
      get baud() {
        return loader.#hostBaud;
      },
      async write(bytes: Uint8Array, deadline: Deadline) {
        await deadline.sleep((bytes.length * 10_000) / loader.#hostBaud);
        loader.#hear(Buffer.from(bytes));
      },
      read: (deadline: Deadline) => this.#inbox.take(deadline),
      async setBaud(baud: number) {
        loader.#hostBaud = baud;
        loader.#inbox.drop();
      },
      arrived: () => this.#inbox.arrived(),
      drop: () => this.#inbox.drop(),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  /** In a session at `baud`, as if somebody had greeted it. */
  begin(baud: number): void {
    this.#baud = baud;
    this.#buffer = Buffer.alloc(0);
    this.#quietSince = this.#clock.now();
    this.#failures = 0;
    this.#sticky = 0;
  }

  get inSession(): boolean {
    return this.#baud !== undefined && (this.#busy || this.#clock.now() - this.#quietSince < 2 * IDLE_MS);
  }

  #hear(bytes: Buffer): void {
    if (!this.inSession) {
      this.#baud = undefined;
      if (bytes.length >= 16 && bytes.every((byte) => byte === 0x55)) this.#greet(this.#hostBaud);
      return;
    }
    // At a higher rate than ours a few bytes pass within one of ours.
    this.#buffer = Buffer.concat([this.#buffer, this.#hostBaud === this.#baud ? bytes : Buffer.alloc(1)]);
    this.#take();
  }

  #greet(baud: number): void {
    this.#work = this.#work.then(async () => {
      await this.#clock.sleep(12);
      this.begin(baud);
      this.greeted++;
      await this.#say(OK);
    });
  }

  /** The first four bytes are a header, whatever they are. What stands behind a packet is thrown away with it. */
  #take(): void {
    if (this.#busy || this.#buffer.length < 4) return;
    const size = 4 + this.#buffer.readUInt16LE(2);
    if (size > BUFFER_BYTES || this.#buffer.length < size) return;
    const packet = this.#buffer.subarray(0, size);
    this.#buffer = Buffer.alloc(0);
    this.#busy = true;
    this.#work = this.#work.then(async () => {
      await this.#serve(packet);
      this.#busy = false;
      this.#quietSince = this.#clock.now();
      if (this.#failures >= 3) this.#baud = undefined;
      else this.#take();
    });
  }

  async #serve(packet: Buffer): Promise<void> {
    const opcode = packet.readUInt8(0);
    const sum = packet.subarray(2).reduce((all, byte) => (all + byte) & 0xff, 0);
    const expected = packet.readUInt8(1);
    if (expected !== 0 && expected !== sum) return this.#say(Buffer.from("464c0301", "hex"));
    this.heard.push(opcode);
    const { lacks, unknown } = this.#traits;
    try {
      if (lacks.includes(opcode)) {
        if (unknown === "refused") throw new Failure(0x0101);
        return;
      }
      await this.#obey(opcode, packet.subarray(4));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#failures++;
      await this.#say(Buffer.concat([Buffer.from("FL"), u16(error.status)]));
    }
  }

  async #obey(opcode: number, payload: Buffer): Promise<void> {
    const word = (at: number) => payload.readUInt32LE(at);
    switch (opcode) {
      case 0x10:
        return this.#tell(this.#traits.bootInfo);
      case 0x22:
      case 0x23:
      case 0x3b:
        return this.#say(OK);
      case 0x30:
        return this.#erase(word(0), word(4));
      case 0x31:
        return this.#write(word(0), payload.subarray(4));
      case 0x32:
        return this.#tell(this.flash.subarray(word(0), word(0) + Math.min(word(4), this.#traits.readLimit)));
      case 0x36:
        return this.#tell(Buffer.from("c4601680", "hex"));
      case 0x3a:
        if (this.#sticky !== 0) throw new Failure(this.#sticky);
        return this.#say(OK);
      case 0x3c:
        await this.#say(Buffer.from("PD"));
        await this.#clock.sleep(1000);
        this.flash.fill(0xff);
        return this.#say(OK);
      case 0x3e:
        if (!this.#mapped) throw new Failure(4);
        await this.#clock.sleep(word(4) / 1200);
        return this.#tell(
          createHash("sha256")
            .update(this.flash.subarray(word(0), word(0) + word(4)))
            .digest(),
        );
      case 0x60:
      case 0x61:
        this.#mapped = opcode === 0x60;
        return this.#say(OK);
      default:
        return;
    }
  }

  /** One PD before each step: of 64 KiB where it is aligned and fits, else of 32, else of 4. */
  async #erase(first: number, last: number): Promise<void> {
    this.#sticky = 0;
    const end = Math.ceil((last + 1) / SECTOR_BYTES) * SECTOR_BYTES;
    let at = first - (first % SECTOR_BYTES);
    while (at < end) {
      const step = [0x10000, 0x8000].find((size) => at % size === 0 && end - at > size - 4096) ?? SECTOR_BYTES;
      await this.#say(Buffer.from("PD"));
      await this.#clock.sleep(45);
      this.flash.fill(0xff, at, at + step);
      at += step;
    }
    await this.#say(OK);
  }

  async #write(address: number, data: Buffer): Promise<void> {
    if (!this.#traits.lateOk) await this.#say(OK);
    for (let at = 0; at < data.length; at++) {
      const page = address + at - ((address + at) % PAGE_BYTES);
      if (at === 0 || page === address + at) {
        await this.#clock.sleep(this.#traits.pageMs);
        if (this.#traits.deadPages.includes(page)) {
          this.#sticky = 6;
          throw new Failure(6);
        }
      }
      this.flash[address + at] = (this.flash[address + at] ?? 0) & data.readUInt8(at);
    }
    if (this.#traits.lateOk) await this.#say(OK);
  }

  #tell(data: Uint8Array): Promise<void> {
    return this.#say(Buffer.concat([OK, u16(data.length), data]));
  }

  async #say(bytes: Buffer): Promise<void> {
    const baud = this.#baud ?? this.#hostBaud;
    await this.#clock.sleep((bytes.length * 10_000) / baud);
    if (baud === this.#hostBaud) this.#inbox.push(bytes);
  }
}
