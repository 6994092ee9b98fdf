import { closeSync, constants, existsSync, openSync, readSync, writeSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { SystemClock } from "../../../harness/base/time.js";
import { SimModule } from "../../../harness/sim/module.js";
import { SimOptions } from "../../../harness/sim/options.js";
import { startAs } from "../../../harness/sim/port/control.js";
import { PtyPort } from "../../../harness/sim/port/pty.js";
import { type Punctuality, SteadyClock } from "../../../harness/sim/time/steady-clock.js";

/** A module behind a port, without power until it is started, and a client without a serial library: 38 400 Bd. */
function behindPort(paced = false, punctuality: Punctuality = {}) {
  const clock = new SystemClock();
  const steady = new SteadyClock(clock, punctuality);
  const module = new SimModule(SimOptions.parse({ contents: "blank" }), steady);
  const port = new PtyPort(steady, (host) => module.plug(host, paced));
  const client = openSync(port.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  return {
    clock,
    steady,
    module,
    port,
    client,
    async [Symbol.asyncDispose]() {
      module.pins.set("power", false);
      closeSync(client);
      await port[Symbol.asyncDispose]();
    },
  };
}

function heard(client: number, most = 100_000): Buffer {
  const bytes = Buffer.alloc(most);
  try {
    return bytes.subarray(0, readSync(client, bytes));
  } catch {
    return bytes.subarray(0, 0);
  }
}

/** All that comes within `ms`. */
async function listen({ client, clock }: { client: number; clock: SystemClock }, ms: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const endMs = clock.now() + ms; clock.now() < endMs; await clock.sleep(2)) pieces.push(heard(client));
  return Buffer.concat(pieces);
}

test("a burst from any program is measured and answered at its rate, in real time", async () => {
  await using bench = behindPort();
  startAs("rom", bench.module.pins);
  const startMs = bench.clock.now();
  writeSync(bench.client, new Uint8Array(32).fill(0x55));
  let answer = Buffer.alloc(0);
  while (answer.length < 2) answer = Buffer.concat([answer, await listen(bench, 2)]);
  expect(answer.toString()).toBe("OK");
  expect(bench.clock.now() - startMs).toBeGreaterThanOrEqual(12);
});

test.each([0, 30])("paced: bytes arrive no faster than the rate allows, made %i ms early", async (aheadMs) => {
  await using bench = behindPort(true, { spinMs: 1.5, aheadMs });
  startAs("rom", bench.module.pins);
  const startMs = bench.clock.now();
  writeSync(bench.client, new Uint8Array(16).fill(0x55));
  let answer = Buffer.alloc(0);
  while (answer.length < 2) answer = Buffer.concat([answer, await listen(bench, 2)]);
  expect(answer.toString()).toBe("OK");
  expect(bench.clock.now() - startMs).toBeGreaterThanOrEqual(12 + (18 * 10_000) / 38_400);
});

test("each piece that was made early leaves at its own time", async () => {
  await using bench = behindPort(false, { aheadMs: 200 });
  const { steady, clock, port } = bench;
  const startMs = clock.now();
  for (const ms of [40, 80]) void steady.sleep(ms).then(() => port.receive(Uint8Array.of(ms)));
  for (const ms of [40, 80]) {
    let came = heard(bench.client, 1);
    for (; came.length === 0; came = heard(bench.client, 1)) await clock.sleep(1);
    expect([...came]).toEqual([ms]);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(ms);
  }
});

test.each(["power", "chipEn"] as const)(
  "what was made early never leaves a module whose %s was taken before",
  async (line) => {
    await using bench = behindPort(false, { aheadMs: 2000 });
    const { steady, clock, port, module, client } = bench;
    startAs("rom", module.pins);
    for (const ms of [0, 1800]) await steady.sleep(ms).then(() => port.receive(Uint8Array.of(ms / 100 + 1)));
    module.pins.set(line, false);
    await clock.sleep(500);
    expect([...heard(client)]).toEqual([1]);
    port.receive(Uint8Array.of(9));
    let later = heard(client);
    for (; later.length === 0; later = heard(client)) await clock.sleep(1);
    expect([...later]).toEqual([9]);
  },
);

test("what nobody reads is lost and counted; a reader who comes later gets whole what comes later", async () => {
  await using bench = behindPort();
  const { port } = bench;
  const sent = 200_000;
  for (let piece = 0; piece < 20; piece++) port.receive(new Uint8Array(sent / 20).fill(0xaa));
  await bench.clock.sleep(1500);
  const kept = await listen(bench, 100);
  expect(kept.length + port.lost).toBe(sent);
  expect(kept.length).toBeLessThan(50_000);
  port.receive(Buffer.from("here again"));
  expect((await listen(bench, 50)).toString()).toBe("here again");
});

test("a reader who is behind by a piece loses nothing, however much comes", async () => {
  await using bench = behindPort();
  let all = Buffer.alloc(0);
  for (let piece = 0; piece < 20; piece++) {
    bench.port.receive(new Uint8Array(10_000).fill(piece));
    while (bench.port.lost === 0 && all.length < 10_000 * piece) all = Buffer.concat([all, await listen(bench, 2)]);
  }
  while (bench.port.lost === 0 && all.length < 200_000) all = Buffer.concat([all, await listen(bench, 2)]);
  expect([all.length, bench.port.lost]).toEqual([200_000, 0]);
  expect(all.every((byte, index) => byte === Math.floor(index / 10_000))).toBe(true);
});

test("clients come and go; closing removes the port, also while bytes are under way", async () => {
  const { port, client, module } = behindPort(true);
  closeSync(client);
  const other = openSync(port.path, constants.O_RDWR | constants.O_NOCTTY);
  writeSync(other, new Uint8Array(4000).fill(0x55));
  port.receive(new Uint8Array(40_000));
  module.pins.set("power", false);
  await port[Symbol.asyncDispose]();
  expect(() => writeSync(other, new Uint8Array(1))).toThrow(/EIO/);
  closeSync(other);
  expect(existsSync(port.path)).toBe(false);
});
