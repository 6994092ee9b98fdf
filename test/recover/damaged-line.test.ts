import { describe, expect, test } from "@jest/globals";
import { eraseChip, eraseRange } from "../../harness/recover/erase.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";

type Way = (bench: ReturnType<typeof simBench>) => Promise<unknown>;

const WAYS: Readonly<Record<string, Way>> = {
  open: ({ rig, deadline }) => openModule(rig, deadline),
  "open, auto": ({ rig, deadline }) => openModule({ ...rig, loadBaud: "auto" }, deadline),
  "open at 500 kBd": ({ rig, deadline }) => openModule({ ...rig, loadBaud: 500_000 }, deadline),
  "erase the chip": ({ rig, deadline }) => eraseChip(rig, deadline),
  "erase a range": ({ rig, deadline }) => eraseRange(rig, { start: 0x10000, end: 0x12000 }, deadline),
};
const COMMANDS = ["getBootInfo", "setIdleTimeout", "clockSet", "flashSetPara", "flashReadJedec"];
const PLACES = [0, 0.3, 0.6, 0.999];

/** How it ended: done, or whose fault. */
const endOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    ({ code, blame }) => `${code}, ${blame}`,
  );

describe.each(Object.keys(WAYS))("%s: a bit flipped in one answer to", (way) => {
  test.each(COMMANDS)("%s is survived", async (command) => {
    for (const place of PLACES) {
      const bench = simBench({ faults: [{ at: { command }, do: "flip" }] }, {}, () => place);
      expect(await endOf(WAYS[way]?.(bench) ?? Promise.resolve())).toBe("done");
    }
  });

  test.each(COMMANDS)("%s, and in all that follow: the line's fault", async (command) => {
    for (const place of PLACES) {
      const bench = simBench({ faults: [{ at: { command }, do: "flip", count: 1000 }] }, {}, () => place);
      expect(await endOf(WAYS[way]?.(bench) ?? Promise.resolve())).toMatch(/^done$|, (link|rig)$/);
    }
  });
});

test("an opcode that is damaged on its way: any bit, at any command up to the flash", async () => {
  const { sent } = await counted();
  for (const byte of sent) {
    const bench = simBench(
      { faults: [{ at: { byte, dir: "host" }, do: "flip" }] },
      {},
      () => byte / 7 - Math.floor(byte / 7),
    );
    expect(await endOf(openModule(bench.rig, bench.deadline))).toBe("done");
  }
});

/** Where the commands of an opening begin, of all bytes that the host sends. */
async function counted(): Promise<{ sent: number[] }> {
  const bench = simBench();
  const sent: number[] = [];
  let total = 0;
  const write = bench.rig.wire.write.bind(bench.rig.wire);
  bench.rig.wire.write = async (bytes, deadline) => {
    if (bytes[0] !== 0x55) sent.push(total);
    total += bytes.length;
    await write(bytes, deadline);
  };
  await openModule(bench.rig, bench.deadline);
  return { sent };
}

test("a chip erase that did nothing is found out, though the id of the flash was damaged", async () => {
  for (const byte of [57, 58, 59, 60, 61, 62]) {
    const faults = [
      { at: { stage: "erase" }, do: "drop", count: 2 },
      { at: { byte, dir: "module" }, do: "flip" },
    ];
    const bench = simBench({ faults }, {}, () => 0.6);
    const ended = await endOf(eraseChip(bench.rig, bench.deadline));
    const blank = bench.module.flash.every((cell) => cell === 0xff);
    expect(ended === "done" ? blank : true).toBe(true);
  }
});
