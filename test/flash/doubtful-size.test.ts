import { expect, test } from "@jest/globals";
import type { Wire } from "../../harness/base/wire.js";
import { planOf } from "../../harness/flash/plan.js";
import { refuseBeyond } from "../../harness/flash/suitable.js";
import { COMMANDS } from "../../harness/protocol/commands.js";
import { eraseChip } from "../../harness/recover/erase.js";
import { flashModule } from "../../harness/recover/flash.js";
import { openModule } from "../../harness/recover/open.js";
import { SILENT } from "../../harness/session/stage.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";

const FOUR_MIB = 0x40_0000;
/** One bit away from c46016, and 8 MiB. */
const TWICE_AS_LARGE = "c46017";

/** The same wire; the `nth` JEDEC answer, from 1, has the id of `says` where that has one. */
function withIds(wire: Wire, says: (nth: number) => string | undefined): Wire {
  let asked = 0;
  let id: string | undefined;
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      id = bytes[0] === COMMANDS.flashReadJedec.opcode ? says(++asked) : undefined;
      await wire.write(bytes, deadline);
    },
    async read(deadline) {
      const answer = Buffer.from(await wire.read(deadline));
      // OK and the length, then the id.
      if (id !== undefined) answer.set(Buffer.from(id, "hex"), 4);
      return answer;
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

function bench(says: (nth: number) => string | undefined, loadBaud: 2_000_000 | "auto" = 2_000_000) {
  const { rig, deadline, module } = simBench({}, { loadBaud });
  const before = Buffer.from(module.flash);
  const isUntouched = () => before.equals(module.flash);
  return { rig: { ...rig, wire: withIds(rig.wire, says) }, deadline, isUntouched };
}

const planAt = (address: number) => planOf(plainSet([{ section: "data", address, bytes: Buffer.alloc(4096, "data") }]));

test("one answer of a larger flash lets no range wrap around", async () => {
  const { rig, deadline } = bench((nth) => (nth === 1 ? TWICE_AS_LARGE : undefined));
  const session = await openModule(rig, deadline);
  expect(session.jedec.flashBytes).toBe(2 * FOUR_MIB);
  await expect(refuseBeyond(session, FOUR_MIB + 1, "a range", deadline)).rejects.toMatchObject({
    code: "REPLY_MALFORMED",
    blame: "link",
  });
  await expect(refuseBeyond(session, FOUR_MIB, "a range", deadline)).resolves.toBeUndefined();
});

test("a flash over it writes nothing", async () => {
  const { rig, deadline, isUntouched } = bench((nth) => (nth === 1 ? TWICE_AS_LARGE : undefined));
  const session = await openModule(rig, deadline);
  await expect(flashModule(session, planAt(0x50_0000), deadline)).rejects.toMatchObject({
    code: expect.stringMatching(/^(FLASH_TOO_SMALL|REPLY_MALFORMED)$/),
  });
  expect(isUntouched()).toBe(true);
});

test.each([1, 2])("a doubtful answer %d costs no flash that both sizes hold", async (doubtful) => {
  const { rig, deadline } = bench((nth) => (nth === doubtful ? TWICE_AS_LARGE : undefined));
  const session = await openModule(rig, deadline);
  await expect(flashModule(session, planAt(0x10_0000), deadline)).resolves.toBeDefined();
});

test.each([
  ["no flash, then one", 2_000_000, undefined],
  ["no flash, then one", "auto", undefined],
  ["no flash in two ways", 2_000_000, "000000"],
] as const)("a module that says %s, at %s: the chip is not erased", async (_, loadBaud, even) => {
  const { rig, deadline, isUntouched } = bench((nth) => (nth % 2 === 1 ? "ffffff" : even), loadBaud);
  const notes: string[] = [];
  const observer = { ...SILENT, note: (note: string) => void notes.push(note) };
  await expect(eraseChip(rig, deadline, observer)).rejects.toMatchObject({ code: "REPLY_MALFORMED" });
  expect(isUntouched()).toBe(true);
  expect(notes.join("\n")).not.toContain("set-para stays silent");
});
