import { setImmediate } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { COMMANDS } from "../../../harness/protocol/commands.js";
import { collectGarbage } from "../../support/garbage.js";
import { frame, Host, words } from "../host.js";

const BOOT_INFO = "10000000";

/** What the module is doing when the bytes come. */
const STATES: Readonly<Record<string, (options: object) => Promise<Host>>> = {
  "its ROM, waiting for a handshake": (options) => Host.inRom({ contents: "blank", ...options }),
  "a session": (options) => Host.inSession({ contents: "blank", ...options }),
  "boot2 and the application": async (options) => {
    const host = new Host(options);
    await host.strap(false);
    return host;
  },
  "boot2 without a firmware": async (options) => {
    const host = new Host(options);
    host.module.flash.fill(0xff, 0x10000);
    await host.strap(false);
    return host;
  },
  nothing: async (options) => new Host(options),
};

const opcode = fc.constantFrom(0x05, ...Object.values(COMMANDS).map((row) => row.opcode));
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constant(new Uint8Array(300).fill(0x55)),
  fc.tuple(opcode, fc.uint8Array({ maxLength: 24 })).map(([code, payload]) => frame(code, payload)),
  fc.tuple(opcode, fc.nat(), fc.nat(70_000)).map(([code, a, b]) => frame(code, words(a, b))),
);
const baud = fc.constantFrom(9600, 115_200, 500_000, 2_000_000);
const pieces = fc.array(fc.tuple(baud, piece, fc.double({ min: 0, max: 400, noNaN: true })), { maxLength: 8 });

const quirks = fc.record(
  {
    romVersion: fc.constantFrom(1, 2),
    unknownOpcode: fc.constantFrom("silent", "refused"),
    firstIdleEnds: fc.boolean(),
    strictAutoBaud: fc.boolean(),
    doubleOk: fc.boolean(),
    pendingPerErase: fc.nat(3),
    ackBeforeProgramming: fc.boolean(),
    flashFails: fc.boolean(),
    applicationIsp: fc.boolean(),
  },
  { requiredKeys: [] },
);
const lasting = fc.double({ min: 0.001, max: 5000, noNaN: true });
const fault = fc.oneof(
  fc.record({
    at: fc.record({ byte: fc.nat(900), dir: fc.constantFrom("host", "module") }),
    do: fc.constantFrom("drop", "flip", "insert", "silent", "reset"),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    at: fc.oneof(
      fc.record({ byte: fc.nat(900), dir: fc.constantFrom("host", "module") }),
      fc.record({ command: fc.constantFrom(...Object.keys(COMMANDS)), nth: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        stage: fc.constantFrom("erase", "program", "hash"),
        fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    ),
    do: fc.constantFrom("delay", "cutPower"),
    forMs: lasting,
    count: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ at: fc.record({ ms: lasting }), do: fc.constantFrom("silent", "reset", "cutPower") }),
);

test.each(Object.entries(STATES))(
  "%s: whatever comes, however it is cut, and whatever befalls the module: it lives, and without power it rests",
  async (_, make) => {
    await fc.assert(
      fc.asyncProperty(pieces, quirks, fc.array(fault, { maxLength: 2 }), async (sent, knobs, faults) => {
        const host = await make({ quirks: knobs });
        // With faults the state may not be reached: then there is nothing to say to it.
        const struck = await make({ quirks: knobs, faults }).catch(() => undefined);
        for (const one of struck === undefined ? [host] : [host, struck]) {
          for (const [rate, bytes, pauseMs] of sent) {
            await one.wire.setBaud(rate, one.deadline());
            await one.send(bytes);
            await one.clock.sleep(pauseMs);
          }
          await one.set("power", false);
          await one.clock.sleep(1);
          expect(one.clock.sleeping).toBe(0);
        }
        await host.set("power", true);
        await host.strap(true);
        await host.wire.setBaud(500_000, host.deadline());
        expect(await host.sync()).toBe("4f4b");
        expect(await host.ask(BOOT_INFO)).toMatch(/^(4f4b){1,2}1[8c]00/);
      }),
      { numRuns: 40 },
    );
  },
);

/** What is still held once all that was under way has ended. */
const keptMiB = async (): Promise<number> => {
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate();
    collectGarbage();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1024 / 1024;
};

test.each(Object.entries(STATES))("%s: of 1 MB that come without an end, nothing piles up", async (_, make) => {
  const host = await make({});
  await host.wire.setBaud(2_000_000, host.deadline());
  const noise = new Uint8Array(100_000);
  for (let at = 0, seed = 1; at < noise.length; at++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    noise[at] = seed >>> 24;
  }
  const sendAll = async () => {
    for (let turn = 0; turn < 10; turn++) {
      await host.send(noise);
      host.wire.drop();
    }
  };
  // The first time the code itself is compiled, which takes room too.
  await sendAll();
  const before = await keptMiB();
  await sendAll();
  expect((await keptMiB()) - before).toBeLessThan(0.8);
});
