import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { Inbox } from "../../harness/base/inbox.js";
import { type Clock, Deadline } from "../../harness/base/time.js";
import type { Rig, Wire } from "../../harness/base/wire.js";
import { planOf } from "../../harness/flash/plan.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { enterRom } from "../../harness/session/handshake.js";
import { simBench } from "../support/bench.js";
import { bootNormally } from "../support/boot.js";
import { collectGarbage } from "../support/garbage.js";
import { plainSet } from "../support/package.js";

const DEADLINE_MS = 3_600_000;
const FILE = { section: "one", address: 0x8000, bytes: new Uint8Array(3000).fill(0x11) };
const OK = Buffer.from("OK");
const PLAN = planOf({ ...plainSet([FILE]), findings: [] });

/** What a device says after each write of the host: so much later, these bytes; from the first again at the end. */
interface Saying {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

/** A device that understands nothing and answers all the same. */
function answering(clock: Clock, script: readonly Saying[]): Wire {
  const inbox = new Inbox();
  let baud = 500_000;
  let turn = 0;
  return {
    get baud() {
      return baud;
    },
    async write(bytes, deadline) {
      await deadline.sleep((bytes.length * 10_000) / baud);
      const { afterMs, bytes: answer } = script[turn++ % script.length] ?? { afterMs: 0, bytes: new Uint8Array() };
      void clock.sleep(afterMs).then(() => inbox.push(answer));
    },
    read: (deadline) => inbox.take(deadline),
    async setBaud(to) {
      baud = to;
      inbox.drop();
    },
    arrived: () => inbox.arrived(),
    drop: () => inbox.drop(),
    async [Symbol.asyncDispose]() {},
  };
}

/** A device that greets as it should, and from the next write on never falls silent: `bytes` for ever, at 2 MBd. */
function babbling(clock: Clock, bytes: Uint8Array, told: (total: number) => void): Wire {
  let total = 0;
  let baud = 500_000;
  let writes = 0;
  let greeted = false;
  return {
    get baud() {
      return baud;
    },
    async write(sent, deadline) {
      await deadline.sleep((sent.length * 10_000) / baud);
      writes++;
    },
    async read(deadline) {
      if (writes < 2 && greeted) await deadline.race(new Promise(() => undefined));
      const chunk = writes < 2 ? OK : Buffer.alloc(2000, bytes);
      await deadline.race(clock.sleep((chunk.length * 10_000) / 2_000_000));
      greeted = true;
      total += chunk.length;
      told(total);
      return chunk;
    },
    async setBaud(to) {
      baud = to;
    },
    arrived: () => new Uint8Array(),
    drop: () => undefined,
    async [Symbol.asyncDispose]() {},
  };
}

const WAYS: Readonly<Record<string, (rig: Rig, deadline: Deadline) => Promise<unknown>>> = {
  enterRom: (rig, deadline) => enterRom(rig, deadline),
  openModule: (rig, deadline) => openModule(rig, deadline),
  "openModule, auto": (rig, deadline) => openModule({ ...rig, loadBaud: "auto" }, deadline),
  "openModule, no lines": (rig, deadline) => openModule({ ...rig, straps: undefined }, deadline),
  programModule: async (rig, deadline) => programModule(await openModule(rig, deadline), PLAN, deadline),
  bootNormally: (rig, deadline) => bootNormally(rig, deadline),
};

const BOOT_INFO = Buffer.from("4f4b1c000200160601000100a7128201dcd2037b82401c008f758090e8805be3", "hex");
const JEDEC = Buffer.from("4f4b0400c4601600", "hex");
/** What could bring a host further than noise alone would. */
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  { weight: 4, arbitrary: fc.constant(OK) },
  { weight: 2, arbitrary: fc.constantFrom(BOOT_INFO, JEDEC) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Buffer.from("PD"), Buffer.from("PDOK"), Buffer.from("FL"), Buffer.from("O")),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 2, maxLength: 2 }).map((code) => Buffer.concat([Buffer.from("FL"), code])),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 2, maxLength: 40 }).map((data) => Buffer.concat([OK, data])),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("component_version_sdk_", "MFG Version: 1.2.", "Dump log")
      .map((text) => Buffer.from(text)),
  },
);
const script = fc.array(
  fc.record({ afterMs: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 3000, noNaN: true })), bytes }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

test.each(Object.keys(WAYS))(
  "%s: whatever the device answers, it ends in time, and in an error of ours if in one",
  async (way) => {
    const session = [OK, BOOT_INFO, OK, OK, OK, JEDEC].map((answer) => ({ afterMs: 1, bytes: answer }));
    const sayings = fc.oneof(
      script,
      script.map((more) => [...session, ...more]),
    );
    await fc.assert(
      fc.asyncProperty(sayings, async (said) => {
        const { rig, deadline, clock } = simBench({ contents: "blank" });
        const wire = answering(clock, said);
        const ended = await WAYS[way]?.({ ...rig, wire }, deadline).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (ended !== undefined && !(ended instanceof HarnessError)) throw ended;
        expect(clock.now()).toBeLessThanOrEqual(DEADLINE_MS);
      }),
      { numRuns: 40 },
    );
  },
);

/** 4 MB at 2 MBd. */
const BABBLE_MS = 20_000;

const keptMiB = (): number => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 / 1024;
};

test.each(
  Object.keys(WAYS).flatMap((way) =>
    ["U", "O", "OK", "PD", "FL", "OKU", "\0"].map((text): [string, string] => [way, text]),
  ),
)("%s over a line that says %j for ever: an end in time, and nothing piles up", async (way, text) => {
  const { rig, clock } = simBench({ contents: "blank" });
  const before = keptMiB();
  let most = 0;
  const wire = babbling(clock, Buffer.from(text, "latin1"), (total) => {
    if (total % 400_000 < 2000) most = Math.max(most, keptMiB() - before);
  });
  const ended = await WAYS[way]?.({ ...rig, wire }, Deadline.in(BABBLE_MS, "the test", clock)).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (ended !== undefined && !(ended instanceof HarnessError)) throw ended;
  expect(clock.now()).toBeLessThanOrEqual(BABBLE_MS);
  expect(most).toBeLessThan(2);
});
