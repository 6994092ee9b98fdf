import { describe, expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import { Deadline } from "../../harness/base/time.js";
import type { Line } from "../../harness/base/wire.js";
import { powerCycle, strap } from "../../harness/session/strap.js";
import { VirtualClock } from "../../harness/sim/time/clock.js";
import { supplied } from "../../rigs/supply.js";
import { simBench } from "../support/bench.js";

function bench({ startsOff = false, lost = false } = {}) {
  const clock = new VirtualClock();
  const soon = Deadline.in(60_000, "the test", clock);
  const heard: string[] = [];
  const straps = supplied(
    {
      set: async (line, asserted) => void heard.push(`${line} ${asserted ? 1 : 0}`),
      [Symbol.asyncDispose]: async () => undefined,
    },
    {
      startsOff,
      holdTx: async (held) => {
        heard.push(held ? "TX low" : "TX high");
        if (lost) throw new HarnessError("PORT_LOST", "unplugged");
      },
    },
  );
  const set = (line: Line, asserted: boolean) => straps.set(line, asserted, soon);
  return { heard, straps, soon, set };
}

describe("a clean start", () => {
  test("the supply is on before a line is driven; where it may be off by the safe state, BOOT and TX are low as it comes", async () => {
    const { heard, set } = bench();
    await set("chipEn", false);
    expect(heard).toEqual(["power 1", "chipEn 0"]);
    const off = bench({ startsOff: true });
    await off.set("chipEn", false);
    await off.set("boot", true);
    await off.set("chipEn", true);
    expect(off.heard).toEqual(["boot 0", "TX low", "power 1", "chipEn 0", "TX high", "boot 1", "chipEn 1"]);
  });

  test("a power cycle: supply off, BOOT and TX low, supply on, and TX idles again before BOOT", async () => {
    const { heard, straps, soon } = bench();
    const rig = { ...simBench().rig, straps };
    await straps.set("boot", true, soon);
    heard.splice(0);
    await powerCycle(rig, soon);
    await strap(rig, "rom", soon);
    expect(heard).toEqual([
      ...["chipEn 0", "power 0", "boot 0", "TX low", "power 1"],
      ...["TX high", "boot 1", "chipEn 0", "chipEn 1", "boot 0"],
    ]);
  });

  test("a cut: the supply goes first, and TX idles again before CHIP_EN rises", async () => {
    const { heard, set } = bench();
    await set("boot", false);
    for (const [line, asserted] of [
      ["power", false],
      ["chipEn", false],
      ["power", true],
      ["chipEn", true],
    ] as const)
      await set(line, asserted);
    expect(heard.slice(2)).toEqual(["power 0", "TX low", "chipEn 0", "power 1", "TX high", "chipEn 1"]);
  });

  test("a port that is gone keeps no supply from being cut; one that cannot let go of TX is told", async () => {
    const { heard, set } = bench({ lost: true });
    await set("power", false);
    expect(heard).toEqual(["power 0", "boot 0", "TX low"]);
    await set("power", true);
    await expect(set("chipEn", true)).rejects.toMatchObject({ code: "PORT_LOST" });
  });
});
