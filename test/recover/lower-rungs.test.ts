import { expect, test } from "@jest/globals";
import type { Rig, Wire } from "../../harness/base/wire.js";
import { openModule } from "../../harness/recover/open.js";
import type { Observer } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { tapped } from "../support/tap.js";

/** Keeps rungs and notes as lines. */
function listening() {
  const told: string[] = [];
  const observer: Observer = {
    stage: () => undefined,
    rung: (rung, what, ok) => told.push(`${rung} ${what}: ${ok}`),
    note: (message) => told.push(message),
  };
  return { told, observer };
}

/** The same wire, deaf for the first `times` answers to frames that start with `opcode`. */
function deafTo(wire: Wire, opcode: number, times: number): Wire {
  let left = times;
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      if (bytes[0] === opcode && bytes[1] !== opcode && left-- > 0) return;
      await wire.write(bytes, deadline);
    },
    read: (deadline) => wire.read(deadline),
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

const SET_PARA = 0x3b;
const CLOCK_SET = 0x22;

test.each([
  [1, ["1 ask again once: true"]],
  [2, ["1 ask again once: false", "2 wait out the idle time, handshake at 2000000 Bd: true"]],
  [
    3,
    [
      "1 ask again once: false",
      "2 wait out the idle time, handshake at 2000000 Bd: false",
      "3 strap, reset, handshake, 2000000 Bd: true",
    ],
  ],
])("a set-para that is lost %i times: the lowest rung that helps is the last one", async (times, rungs) => {
  const { rig, deadline } = simBench();
  const { told, observer } = listening();
  const session = await openModule({ ...rig, wire: deafTo(rig.wire, SET_PARA, times) }, deadline, observer);
  expect(session.jedec.id).toBe("c46016");
  expect(rig.wire.baud).toBe(2_000_000);
  expect(told).toEqual(rungs);
});

test("a link that does not carry the rate is told from a flash that is broken, and nothing was erased", async () => {
  const { rig, deadline, module } = simBench({ link: { maxBaud: 1_000_000 } });
  const { wire, sent } = tapped(rig.wire);
  const { told, observer } = listening();
  const before = Buffer.from(module.flash);
  await expect(openModule({ ...rig, wire }, deadline, observer)).rejects.toMatchObject({
    code: "LINK_TOO_SLOW",
    blame: "link",
    message: expect.stringContaining(
      "the link does not carry 2000000 Bd: at set-para nothing came, also after a reset",
    ),
    details: { stage: "set-para", baud: 2_000_000, bytes: "", goodBaud: 500_000 },
    advice: expect.stringMatching(/^Likely causes in order: 1\. The UART or the adapter.* 2\. The cable/),
  });
  expect(told.map((line) => line.slice(0, 1) + line.slice(line.lastIndexOf(":")))).toEqual([
    "1: false",
    "2: false",
    "3: false",
    "4: true",
  ]);
  expect(sent.filter((frame) => /^(3c|30|31|3f)/.test(frame))).toEqual([]);
  expect(sent.at(-1)).toBe("36000000");
  expect(before.equals(module.flash)).toBe(true);
});

test.each([
  [1_000_000, 1_000_000],
  [999_999, 921_600],
  [3_000_000, 2_000_000],
  [500_000, 500_000],
])("auto over an adapter that does %i Bd settles on %i", async (maxBaud, settled) => {
  const { rig, deadline } = simBench({ link: { maxBaud } }, { loadBaud: "auto" });
  const { told, observer } = listening();
  const { jedec } = await openModule(rig, deadline, observer);
  expect(jedec.id).toBe("c46016");
  expect(rig.wire.baud).toBe(settled);
  expect(told.at(-1)).toBe(`bench: settled on ${settled} Bd`);
});

test.each(["auto", 2_000_000] as const)(
  "a module that answers everything but set-para, at %s: its own fault, and what may cure it",
  async (loadBaud) => {
    const { rig, deadline } = simBench({}, { loadBaud });
    const silent: Rig = { ...rig, wire: deafTo(rig.wire, SET_PARA, Number.POSITIVE_INFINITY) };
    await expect(openModule(silent, deadline)).rejects.toMatchObject({
      code: "SET_PARA_SILENT",
      blame: "module",
      advice: expect.stringContaining("erase --whole-chip"),
    });
  },
);

test("a device that ignores clock-set but still answers is served at the boot rate, and that is said", async () => {
  const { rig, deadline } = simBench();
  const { told, observer } = listening();
  await openModule({ ...rig, wire: deafTo(rig.wire, CLOCK_SET, 99) }, deadline, observer);
  expect(rig.wire.baud).toBe(500_000);
  expect(told).toEqual(["bench: the device ignores clock-set; it is served at 500000 Bd"]);
});

test("never a burst into a live session: the wait is longer than the idle time that was set", async () => {
  const { rig, deadline, clock } = simBench();
  const times: number[] = [];
  const deaf = deafTo(rig.wire, SET_PARA, 2);
  const wire: Wire = {
    ...deaf,
    get baud() {
      return deaf.baud;
    },
    write: (bytes, within) => {
      if (bytes[0] === 0x55 || bytes[0] === SET_PARA) times.push(clock.now());
      return deaf.write(bytes, within);
    },
  };
  await openModule({ ...rig, wire }, deadline);
  const [, , again, burst] = times;
  expect((burst ?? 0) - (again ?? 0)).toBeGreaterThan(20_000);
});
