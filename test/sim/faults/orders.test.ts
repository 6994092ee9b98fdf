import { expect, test } from "@jest/globals";
import { openModule } from "../../../harness/recover/open.js";
import { SILENT } from "../../../harness/session/stage.js";
import { SimModule } from "../../../harness/sim/module.js";
import { SimOptions } from "../../../harness/sim/options.js";
import { VirtualClock } from "../../../harness/sim/time/clock.js";
import { simBench } from "../../support/bench.js";

const NO_LADDER = { top: 0 };

async function opened() {
  const bench = simBench();
  const session = await openModule(bench.rig, bench.deadline, SILENT, NO_LADDER);
  const erase = (sector: number) =>
    session.rom
      .request("flashErase", { first: sector * 4096, last: sector * 4096 }, bench.deadline, { budgetMs: 100 })
      .then(
        () => "OK",
        ({ code }) => code as string,
      );
  return { ...bench, session, erase };
}

test("commands are counted from the order on, and whether they struck is told", async () => {
  const { module, erase } = await opened();
  expect(await erase(0)).toBe("OK");
  const armed = module.orders.arm({ faults: [{ at: { command: "flashErase", nth: 2 }, do: { refuse: 3 } }] });
  expect(await erase(0)).toBe("OK");
  expect(armed.struck).toBe(false);
  expect(await erase(0)).toBe("COMMAND_REFUSED");
  expect(armed.struck).toBe(true);
  expect(await erase(0)).toBe("OK");
});

test("so are stages and bytes of both sides", async () => {
  for (const at of [
    { stage: "erase", nth: 1 },
    { byte: 11, dir: "host" },
    { byte: 1, dir: "module" },
  ]) {
    const { module, erase } = await opened();
    const armed = module.orders.arm({ faults: [{ at, do: "cutPower" }] });
    expect(armed.struck).toBe(false);
    const told = await erase(0);
    expect([armed.struck, told]).toEqual([true, "dir" in at && at.dir === "module" ? "OK" : "COMMAND_TIMEOUT"]);
  }
});

test("what is taken back does not happen; a second order and the rig file's own faults stay", async () => {
  const { module, erase } = await opened();
  const refuse = (nth: number) => ({ faults: [{ at: { command: "flashErase", nth }, do: { refuse: 3 } }] });
  const first = module.orders.arm(refuse(1));
  const second = module.orders.arm(refuse(2));
  first.disarm();
  first.disarm();
  expect(await erase(0)).toBe("OK");
  expect(await erase(0)).toBe("COMMAND_REFUSED");
  expect([first.struck, second.struck]).toEqual([false, true]);
});

test("all of it ends with the rig: quirks are what they were, the newest order first", () => {
  const { module } = simBench();
  module.orders.arm({ quirks: { t01Reflash: true } });
  const armed = module.orders.arm({ faults: [{ at: { command: "flashErase" }, do: "drop" }] });
  module.orders.disarm();
  armed.disarm();
  expect(armed.struck).toBe(false);
});

test("a flash that is slower: its erases and programs, from the next command on, until it is taken back", async () => {
  const { module, clock, session, erase, deadline } = await opened();
  const timed = async (work: () => Promise<unknown>) => {
    const start = clock.now();
    await work();
    return clock.now() - start;
  };
  const write = () => session.rom.request("flashWrite", { address: 0, data: new Uint8Array(256) }, deadline);
  const hash = () => session.rom.request("flashReadSha", { address: 0, length: 65_536 }, deadline);
  const usual = { erase: await timed(() => erase(0)), write: await timed(write), hash: await timed(hash) };
  const armed = module.orders.arm({ flash: { slower: 3 } });
  expect((await timed(() => erase(0))) - usual.erase).toBeCloseTo(2 * 8, 3);
  expect((await timed(write)) - usual.write).toBeCloseTo(2 * 0.7, 3);
  expect(await timed(hash)).toBeCloseTo(usual.hash, 3);
  armed.disarm();
  expect(await timed(() => erase(0))).toBeCloseTo(usual.erase, 3);
});

test("in whatever order orders are taken back, the newest that stands counts, and in the end none", async () => {
  const { module, clock, erase } = await opened();
  const eraseMs = async () => {
    const start = clock.now();
    await erase(0);
    return Math.round(clock.now() - start);
  };
  const first = module.orders.arm({ flash: { slower: 2 }, quirks: { t01Reflash: true } });
  const second = module.orders.arm({ flash: { slower: 4 } });
  const third = module.orders.arm({});
  expect(await eraseMs()).toBe(32);
  first.disarm();
  expect(await eraseMs()).toBe(32);
  second.disarm();
  third.disarm();
  expect(await eraseMs()).toBe(8);
});

test("orders change nothing of what the rig file says for the next module", () => {
  const options = SimOptions.parse({});
  const module = new SimModule(options, new VirtualClock());
  module.orders.arm({ flash: { slower: 10 }, quirks: { t01Reflash: true } });
  expect(options).toEqual(SimOptions.parse({}));
});

test.each([
  ["a faster flash", { flash: { slower: 0.5 } }, /slower/],
  ["a flash that stands still", { flash: { slower: Number.POSITIVE_INFINITY } }, /slower/],
  ["a time", { faults: [{ at: { ms: 3 }, do: "reset" }] }, /expected command, byte or stage/],
  ["no fault", { faults: [{ at: {}, do: "reset" }] }, /expected exactly one of: command/],
  ["another field", { fault: [] }, /fault/],
])("refused: %s", (_, orders, told) => {
  const { module } = simBench();
  expect(() => module.orders.arm(orders as never)).toThrow(
    expect.objectContaining({ code: "SCENARIO_INVALID", message: expect.stringMatching(told) }),
  );
});
