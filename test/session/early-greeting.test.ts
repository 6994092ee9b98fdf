import { expect, test } from "@jest/globals";
import type { Rig, Straps, Wire } from "../../harness/base/wire.js";
import { openModule } from "../../harness/recover/open.js";
import { enterRom } from "../../harness/session/handshake.js";
import { simBench } from "../support/bench.js";
import { tapped } from "../support/tap.js";

const BURST = "55".repeat(300);

/** A rig whose lines and bursts are noted with their times; `refuse` keeps a line from being set. */
function watched(quirks: object = {}, { rig: more = {}, refuse }: { rig?: Partial<Rig>; refuse?: string } = {}) {
  const { rig, clock, deadline } = simBench({ quirks }, more);
  const events: [number, string][] = [];
  const straps: Straps = {
    async set(line, asserted, within) {
      const what = `${line} ${asserted ? 1 : 0}`;
      if (what === refuse && events.length > 1) throw new Error(`${what}: no`);
      events.push([clock.now(), what]);
      await rig.straps?.set(line, asserted, within);
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const { wire } = tapped(rig.wire, (sent) => {
    if (sent === BURST) events.push([clock.now(), "burst"]);
  });
  return { rig: { ...rig, straps, wire }, clock, deadline, events };
}

test("the ROM is greeted while BOOT is held, which it is for its time; the session is open before", async () => {
  const { rig, clock, deadline, events } = watched();
  await openModule(rig, deadline);
  expect(events).toEqual([
    [0, "boot 1"],
    [0, "chipEn 0"],
    [100, "chipEn 1"],
    [125, "burst"],
    [200, "boot 0"],
  ]);
  expect(clock.now()).toBe(200);
});

test.each([5, 24, 25, 28, 30, 99])(
  "a ROM that hears %i ms after its reset is met in one strap sequence",
  async (romDeafMs) => {
    const { rig, deadline, events } = watched({ romDeafMs });
    await openModule(rig, deadline);
    expect(events.filter(([, what]) => what === "chipEn 1")).toHaveLength(1);
  },
);

test("one that did not hear is not greeted early again, and costs none of the vendor's pauses", async () => {
  const { rig, clock, deadline, events } = watched({ romDeafMs: 80 });
  await enterRom(rig, deadline);
  expect(clock.now()).toBeLessThan(290);
  const secondAt = clock.now();
  await enterRom(rig, deadline);
  const bursts = events.filter(([, what]) => what === "burst").map(([ms]) => ms);
  expect(bursts).toHaveLength(3);
  expect(bursts[2]).toBe(secondAt + 200);
});

test.each([
  ["greetMs as long as BOOT is held", 100],
  ["a line driver that must not be raced", undefined],
])("%s: BOOT is released first", async (_, greetMs) => {
  const { rig, deadline, events } = watched();
  await openModule({ ...rig, timing: { ...rig.timing, greetMs } }, deadline);
  expect(events.slice(3)).toEqual([
    [200, "boot 0"],
    [200, "burst"],
  ]);
});

test("BOOT released on purpose is not raced", async () => {
  const { rig, deadline, events } = watched();
  await expect(enterRom(rig, deadline, "application")).rejects.toMatchObject({ code: "NOT_IN_ROM" });
  expect(events.filter(([, what]) => what === "burst").map(([ms]) => ms)[0]).toBe(200);
});

test("a BOOT that cannot be released is no session", async () => {
  const { rig, deadline } = watched({}, { refuse: "boot 0" });
  await expect(openModule(rig, deadline)).rejects.toThrow("boot 0: no");
});

test("whatever goes wrong beside it, BOOT is released first", async () => {
  const { rig, clock, deadline, events } = watched({}, { rig: { chipId: "40827b03d2dc" } });
  await expect(openModule(rig, deadline)).rejects.toMatchObject({ code: "WRONG_MODULE" });
  expect(events.at(-1)).toEqual([200, "boot 0"]);
  expect(clock.now()).toBe(200);
});

test("a module that stays silent got one burst more than strap sequences, and the error counts them", async () => {
  const { rig, deadline, events } = watched({ romDeafMs: 10_000 });
  await expect(enterRom(rig, deadline)).rejects.toThrow("did not answer 4 bursts");
  expect(events.filter(([, what]) => what === "burst")).toHaveLength(4);
});

test("who holds BOOT for longer than a session lasts releases it first", async () => {
  const { rig, deadline, events } = watched();
  const { rom } = await openModule({ ...rig, timing: { ...rig.timing, strapHoldMs: 30_000 } }, deadline);
  expect(events.slice(3).map(([, what]) => what)).toEqual(["boot 0", "burst"]);
  await expect(rom.request("getBootInfo", {}, deadline)).resolves.toMatchObject({});
});

test("an OK that is heard too late is not taken for that of the next burst, which has spoilt the session", async () => {
  const { rig, deadline, events } = watched();
  const { wire } = rig;
  // What comes while the host is held up is there as soon as it goes on, and was not there when it looked.
  const isHeldUp = () => events.filter(([, what]) => what === "burst").length === 1;
  const late: Wire = {
    ...tapped(wire).wire,
    get baud() {
      return wire.baud;
    },
    read: (until) => (isHeldUp() ? until.race(new Promise<never>(() => undefined)) : wire.read(until)),
    drop: () => undefined,
  };
  const rom = await enterRom({ ...rig, wire: late }, deadline);
  await expect(rom.request("getBootInfo", {}, deadline)).resolves.toMatchObject({});
  expect(events.filter(([, what]) => what === "chipEn 1")).toHaveLength(2);
});
