import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ERRORS, HarnessError } from "../../harness/base/errors.js";
import type { SpiPort } from "../../harness/base/spi.js";
import { Deadline } from "../../harness/base/time.js";
import type { ReadyInput } from "../../harness/base/wire.js";
import { At } from "../../harness/ncp/at.js";
import { Transport } from "../../harness/ncp/transport.js";
import { update } from "../../harness/ncp/update.js";
import { readUpdate } from "../../harness/ncp/update-file.js";
import { encodeSpiFrame } from "../../harness/protocol/spi-frame.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { container } from "./containers.js";

const DEADLINE_MS = 20_000;
const FILE = readUpdate(container({ bytes: 9300 }), "x");

/** What a far side does that understands nothing: bytes on MISO, and when SPI_RDY turns; both from the first again at the end. */
interface Nonsense {
  readonly miso: readonly Uint8Array[];
  /** SPI_RDY stays so long at each level, in milliseconds. */
  readonly turns: readonly number[];
  /** A transfer takes so long. */
  readonly transferMs: number;
}

class Fool implements SpiPort, ReadyInput {
  readonly clock = new VirtualClock();
  selected = false;
  transfers = 0;
  readonly #script: Nonsense;

  constructor(script: Nonsense) {
    this.#script = script;
  }

  async read(): Promise<boolean> {
    const { turns } = this.#script;
    let left = this.clock.now() % turns.reduce((sum, ms) => sum + ms, 0);
    let level = false;
    for (const ms of turns) {
      if (left < ms) break;
      left -= ms;
      level = !level;
    }
    return level;
  }

  async select(selected: boolean): Promise<void> {
    this.selected = selected;
  }

  async transfer(mosi: Uint8Array, deadline: Deadline): Promise<Uint8Array> {
    const { miso, transferMs } = this.#script;
    if (transferMs > 0) await deadline.sleep(transferMs);
    const bytes = Buffer.alloc(mosi.length);
    bytes.set((miso[this.transfers++ % miso.length] ?? bytes).subarray(0, bytes.length));
    return bytes;
  }
}

const word = fc.constantFrom(
  "OK\r\n",
  "ERROR\r\n",
  "\r\nready\r\n",
  ">",
  "Recv 512 bytes\r\n",
  "+CW:x\r\n",
  "+EFUSE-R:999,",
  "x",
  "\r",
  "\n",
  "busy p...\r\n",
  "SEND OK\r\n",
);
const text = fc.array(word, { maxLength: 8 }).map((words) => Buffer.from(words.join(""), "latin1"));
const frame = fc
  .tuple(fc.constantFrom(0, 0, 0, 1, 9), fc.oneof(text, fc.uint8Array({ maxLength: 1600 })), fc.boolean())
  .map(([type, payload, isStalled]) => encodeSpiFrame(type, payload, isStalled));
const nonsense = fc.record<Nonsense>({
  miso: fc.array(fc.oneof({ weight: 4, arbitrary: frame }, fc.uint8Array({ minLength: 8, maxLength: 64 })), {
    minLength: 1,
    maxLength: 6,
  }),
  turns: fc.array(fc.double({ min: 0.01, max: 600, noNaN: true }), { minLength: 2, maxLength: 5 }),
  transferMs: fc.constantFrom(0, 0.1, 3),
});

/** Errors of a module and its line, or that time is up; a bug of ours would be another. */
function expectNamed(error: unknown): void {
  expect(error).toBeInstanceOf(HarnessError);
  const { code } = error as HarnessError;
  expect(["module", "firmware", "link", "rig"]).toContain(ERRORS[code].blame);
  expect(code).toMatch(/^(SPI_|NCP_|AT_|OTA_|BOOT_NOT_READY|COMMAND_TIMEOUT)/);
}

test("any bytes on MISO at any times of SPI_RDY: an answer or an error by name, in time, and CS is low", async () => {
  await fc.assert(
    fc.asyncProperty(nonsense, async (script) => {
      const fool = new Fool(script);
      const at = new At(new Transport("bench", fool, fool), {});
      const deadline = Deadline.in(DEADLINE_MS, "the test", fool.clock);
      const works = [
        () => at.waitReady(4000, deadline),
        () => at.command("AT+GMR", deadline),
        () => at.command("AT", deadline),
        () => update(at, FILE, deadline),
      ];
      for (const work of works) {
        await work().catch(expectNamed);
        expect(fool.selected).toBe(false);
      }
      // The receiver is left in a time of its own.
      expect(fool.clock.now()).toBeLessThan(DEADLINE_MS + 5000);
      expect(at.events.length).toBeLessThanOrEqual(100);
      expect(fool.clock.sleeping).toBe(0);
    }),
    { numRuns: 50 },
  );
}, 60_000);

test("called off at any moment: what called it off comes back, CS is low and nobody sleeps", async () => {
  await fc.assert(
    fc.asyncProperty(nonsense, fc.double({ min: 0, max: 3000, noNaN: true }), async (script, ms) => {
      const fool = new Fool(script);
      const at = new At(new Transport("bench", fool, fool), {});
      const stop = new AbortController();
      const deadline = Deadline.in(DEADLINE_MS, "the test", fool.clock, stop.signal);
      const reason = new Error("enough");
      const stopping = fool.clock.sleep(ms).then(() => stop.abort(reason));
      await at.command("AT", deadline).catch((error) => error === reason || expectNamed(error));
      expect(fool.selected).toBe(false);
      await stopping;
      expect(fool.clock.sleeping).toBe(0);
    }),
  );
}, 60_000);
