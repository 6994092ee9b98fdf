import { describe, expect, test } from "@jest/globals";
import type { StrapPoint, StrapTiming } from "../../harness/base/strap-timing.js";
import { Deadline, SystemClock } from "../../harness/base/time.js";
import type { Rig, Straps, Wire } from "../../harness/base/wire.js";
import { strap } from "../../harness/session/strap.js";
import { tryStrap } from "../../harness/session/strap-point.js";
import { pulse } from "../../harness/session/strap-pulse.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { simBench } from "../support/bench.js";

const WORKING: StrapTiming = { resetMs: 100, setupMs: 100, holdMs: 100, delayMs: 100 };

/** A simulated rig with SPI_RDY, where `bootProof` says so. */
function benchWith(sim: Record<string, unknown>, rig: Partial<Rig> = {}) {
  const bench = simBench(sim);
  const ready = { read: async () => bench.module.ready };
  return { ...bench, rig: { ...bench.rig, ready, ...rig } };
}

/** One point, on a module of its own. */
async function point(
  timing: Partial<StrapTiming>,
  quirks: Record<string, unknown> = {},
  { sim = {}, rig = {} }: { sim?: Record<string, unknown>; rig?: Partial<Rig> } = {},
): Promise<StrapPoint> {
  const bench = benchWith({ quirks, ...sim }, rig);
  return tryStrap(bench.rig, { ...WORKING, ...timing }, bench.deadline);
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (came) => came,
    (error: unknown) => error,
  );

test("the working point: the ROM answers, and what was held is what was asked for", async () => {
  expect(await point({})).toEqual({
    asked: WORKING,
    held: WORKING,
    withinMs: 0,
    working: true,
    result: "success",
    observed: true,
    evidence: expect.stringContaining("boot info"),
  });
});

const SIGNS: readonly [string, Partial<Rig>][] = [
  ["by the banner", { bootProof: ["banner"] }],
  ["by SPI_RDY", { bootProof: ["ready"] }],
  ["by both", { bootProof: ["banner", "ready"] }],
];

describe.each(SIGNS)("seen %s", (_, rig) => {
  const knobs = { resetMinMs: 0.3, bootSetupMs: 1, bootHoldMs: 2, romDeafMs: 30 };
  test.each<[Partial<StrapTiming>, string]>([
    [{ resetMs: 0 }, "normal"],
    [{ resetMs: 0.05 }, "normal"],
    [{ resetMs: 0.29 }, "normal"],
    [{ resetMs: 0.3 }, "success"],
    [{ setupMs: 0 }, "reset"],
    [{ setupMs: 0.5 }, "reset"],
    [{ setupMs: 1 }, "success"],
    [{ setupMs: 150 }, "success"],
    [{ holdMs: 0 }, "reset"],
    [{ holdMs: 1.9 }, "reset"],
    [{ holdMs: 2 }, "success"],
    [{ holdMs: 6000 }, "success"],
    [{ delayMs: 0 }, "reset"],
    [{ delayMs: 20 }, "reset"],
    [{ delayMs: 40 }, "success"],
    [{ delayMs: 5000 }, "success"],
    [{ holdMs: 6000, resetMs: 0.05 }, "normal"],
    [{ resetMs: 0.05, setupMs: 0, holdMs: 0, delayMs: 0 }, "normal"],
  ])("%j: %s", async (timing, result) => {
    expect(await point(timing, knobs, { rig })).toMatchObject({ result, observed: true });
  });

  // The banner comes 300 ms after the rise: at, before and behind the burst.
  test.each([
    0, 60, 195, 210, 250, 280, 299, 299.9, 300, 300.2, 301, 305, 320, 349, 351, 400, 600, 640, 645, 700, 5000,
  ])("a boot is seen wherever the burst falls: %d ms after the rise", async (delayMs) => {
    expect(await point({ holdMs: 1, delayMs }, knobs, { rig })).toMatchObject({ result: "reset", observed: true });
    expect(await point({ resetMs: 0.1, delayMs }, knobs, { rig })).toMatchObject({ result: "normal", observed: true });
  });
});

test.each([640, 700, 854])(
  "what an application says late in its start, %d ms, is no sign of the next one",
  async (readyMs) => {
    const at = { resetMs: 0.05, setupMs: 0, holdMs: 0, delayMs: 0 };
    expect(await point(at, { resetMinMs: 1, readyMs })).toMatchObject({ result: "normal", observed: true });
  },
);

test("a ROM that was deaf to the burst answers a later one: it was a reset, and says so", async () => {
  const { result, evidence } = await point({ delayMs: 1 }, { romDeafMs: 30 });
  expect([result, evidence]).toEqual(["reset", expect.stringContaining("a later one")]);
});

test("a module that an earlier point left in its ROM is not mistaken for a success", async () => {
  const { rig, deadline } = benchWith({ quirks: { resetMinMs: 1 } });
  await strap(rig, "rom", deadline);
  expect(await tryStrap(rig, { ...WORKING, resetMs: 0.5 }, deadline)).toMatchObject({ result: "normal" });
  expect(await tryStrap(rig, WORKING, deadline)).toMatchObject({ result: "success" });
  expect(await tryStrap(rig, { ...WORKING, resetMs: 0.5 }, deadline)).toMatchObject({ result: "normal" });
});

test.each<[string, Partial<Rig>]>([...SIGNS, ["nothing", { bootProof: ["none"] }]])(
  "a blank module waits in its ROM, so no strap proves anything: %s",
  async (_, rig) => {
    const error = await failure(point({}, {}, { sim: { contents: "blank" }, rig }));
    expect(error).toMatchObject({ code: "ROM_UNASKED", blame: "rig" });
  },
);

test("an application that says nothing where a banner is expected: the rig file is wrong, not the firmware", async () => {
  const silent = { sim: { appLog: false } };
  expect(await failure(point({}, {}, silent))).toMatchObject({ code: "BOOT_UNSEEN", blame: "rig" });
  const both: Partial<Rig> = { bootProof: ["banner", "ready"] };
  expect(await point({ resetMs: 0.1 }, { resetMinMs: 1 }, { ...silent, rig: both })).toMatchObject({
    result: "normal",
    observed: true,
  });
});

test("where nothing shows a boot, what is no success is normal and not observed", async () => {
  const none = { sim: { appLog: false }, rig: { bootProof: ["none"] } satisfies Partial<Rig> };
  expect(await point({}, {}, none)).toMatchObject({ result: "success", observed: true });
  expect(await point({ resetMs: 0.1 }, { resetMinMs: 1 }, none)).toMatchObject({ result: "normal", observed: false });
  expect(await point({ holdMs: 0 }, { bootHoldMs: 1 }, none)).toMatchObject({ result: "normal", observed: false });
  expect(await point({ delayMs: 0 }, { romDeafMs: 30 }, none)).toMatchObject({ result: "reset", observed: true });
});

test("a line that carries nothing is broken, and no point of a map", async () => {
  for (const bootProof of [["banner"], ["ready"], ["none"]] as const) {
    const rig: Partial<Rig> = { bootProof };
    const error = await failure(point({ resetMs: 1 }, {}, { sim: { wiring: { txRx: "open" } }, rig }));
    expect(error).toMatchObject({ code: "NOT_IN_ROM", blame: "rig" });
  }
});

test("a working point that fails where nothing shows a boot is told as it is", async () => {
  const none: Partial<Rig> = { bootProof: ["none"] };
  const came = await point({}, {}, { sim: { wiring: { boot: "open" }, appLog: false }, rig: none });
  expect(came).toMatchObject({ working: true, result: "normal", observed: false });
});

/** The same wire, on which `bytes` come right behind every burst. */
const withNoise = (wire: Wire, bytes: Uint8Array): Wire => {
  let noise: Uint8Array | undefined;
  return {
    ...wire,
    get baud() {
      return wire.baud;
    },
    write: async (sent, deadline) => {
      await wire.write(sent, deadline);
      if (sent.every((byte) => byte === 0x55)) noise = bytes;
    },
    read: async (deadline) => {
      const came = noise ?? (await wire.read(deadline));
      noise = undefined;
      return came;
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
};

test.each(["OK", "OOK", "K", "~~"])(
  "%s that is noise behind the burst is no success, and no reset either",
  async (text) => {
    const { rig, deadline } = benchWith({ quirks: { resetMinMs: 1, bootHoldMs: 1 } });
    const noisy = { ...rig, wire: withNoise(rig.wire, Buffer.from(text)) };
    const short = await failure(tryStrap(noisy, { ...WORKING, resetMs: 0.5 }, deadline));
    expect(short).toMatchObject({
      code: "STRAP_UNCLEAR",
      blame: "unknown",
      details: { heard: expect.stringContaining(Buffer.from(text).toString("hex")) },
    });
    const observing: Rig = { ...noisy, bootProof: ["banner", "ready"] };
    expect(await tryStrap(observing, { ...WORKING, holdMs: 0 }, deadline)).toMatchObject({ result: "reset" });
  },
);

test("a module that does not come back from a short pulse is no module that runs on", async () => {
  const { rig, module, deadline } = benchWith({ quirks: { resetMinMs: 1 } });
  const straps: Straps = {
    ...(rig.straps as Straps),
    set: async (line, asserted, within) => {
      await rig.straps?.set(line, asserted, within);
      if (line === "boot" && asserted) module.flash.fill(0xff);
    },
  };
  const error = await failure(tryStrap({ ...rig, straps }, { ...WORKING, resetMs: 0.5 }, deadline));
  expect(error).toMatchObject({ code: "ROM_UNASKED" });
});

test("called off in mid-pulse: that is told, and BOOT is waited for by nobody", async () => {
  const { rig, clock } = benchWith({});
  const abort = new AbortController();
  const why = new Error("called off");
  const trying = failure(tryStrap(rig, { ...WORKING, holdMs: 9000 }, Deadline.in(60_000, "it", clock, abort.signal)));
  await clock.sleep(1500);
  abort.abort(why);
  expect(await trying).toBe(why);
});

test("on a real clock a pulse is never shorter than asked for, and what the calls took is told", async () => {
  const clock = new SystemClock();
  const order: string[] = [];
  const straps: Straps = {
    set: async (line, asserted) => void order.push(`${line} ${asserted}`),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const asked = { resetMs: 0.4, setupMs: 0.2, holdMs: 0.1, delayMs: 0 };
  const { released } = await pulse(straps, asked, Deadline.in(10_000, "it", clock));
  const held = await released;
  expect(order).toEqual(["chipEn false", "boot true", "chipEn true", "boot false"]);
  for (const axis of ["resetMs", "setupMs", "holdMs"] as const) expect(held[axis]).toBeGreaterThanOrEqual(asked[axis]);
  expect(held.withinMs).toBeGreaterThanOrEqual(0);
});

test.each<[Partial<StrapTiming>, string]>([
  [{ setupMs: 20 }, "boot true 0, chipEn false 10, chipEn true 20, boot false 25"],
  [{ setupMs: 10 }, "boot true 0, chipEn false 0, chipEn true 10, boot false 15"],
  [{ setupMs: 4 }, "chipEn false 0, boot true 6, chipEn true 10, boot false 15"],
  [{ setupMs: 0 }, "chipEn false 0, chipEn true 10, boot true 10, boot false 15"],
  [{ setupMs: 0, resetMs: 0 }, "chipEn false 0, chipEn true 0, boot true 0, boot false 5"],
])("the order of the lines: %j", async (timing, lines) => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const straps: Straps = {
    set: async (line, asserted) => void order.push(`${line} ${asserted} ${clock.now()}`),
    [Symbol.asyncDispose]: async () => undefined,
  };
  const asked = { resetMs: 10, setupMs: 10, holdMs: 5, delayMs: 0, ...timing };
  const { released } = await pulse(straps, asked, Deadline.in(1000, "it", clock));
  await released;
  expect(order.join(", ")).toBe(lines);
});
