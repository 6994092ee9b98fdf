import { expect, test } from "@jest/globals";
import type { Wire } from "../../harness/base/wire.js";
import { readFuses } from "../../harness/flash/fuses.js";
import { planOf } from "../../harness/flash/plan.js";
import { COMMANDS } from "../../harness/protocol/commands.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { simBench } from "../support/bench.js";
import { syntheticSet } from "../support/package.js";

/** The same wire; the answers to reads of fuses say that they have so many bytes, one after the other, then the truth. */
function withLengths(wire: Wire, ...lengths: readonly number[]): Wire {
  let asked = 0;
  let length: number | undefined;
  return {
    get baud() {
      return wire.baud;
    },
    async write(bytes, deadline) {
      length = bytes[0] === COMMANDS.efuseRead.opcode ? lengths[asked++] : undefined;
      await wire.write(bytes, deadline);
    },
    async read(deadline) {
      const answer = Buffer.from(await wire.read(deadline));
      if (length !== undefined) answer.writeUInt16LE(length, 2);
      length = undefined;
      return answer;
    },
    setBaud: (baud, deadline) => wire.setBaud(baud, deadline),
    arrived: () => wire.arrived(),
    drop: () => wire.drop(),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

test.each([0, 256, 508, 513])(
  "an answer of %d bytes of fuses does not pass for a module that tells none",
  async (length) => {
    const { rig, deadline, module } = simBench({ keyHash: "ab".repeat(32) });
    const before = Buffer.from(module.flash);
    const session = await openModule({ ...rig, wire: withLengths(rig.wire, length) }, deadline);
    await expect(programModule(session, planOf(syntheticSet("t01")), deadline)).rejects.toMatchObject({
      code: "KEY_FOREIGN",
      blame: "config",
    });
    expect(before.equals(module.flash)).toBe(true);
  },
);

test("fewer, twice the same, is a module that does not tell", async () => {
  const { rig, deadline } = simBench();
  const session = await openModule({ ...rig, wire: withLengths(rig.wire, 256, 256) }, deadline);
  await expect(readFuses(session, deadline)).resolves.toBeUndefined();
});

test("two lengths that differ tell of the line", async () => {
  const { rig, deadline } = simBench();
  const session = await openModule({ ...rig, wire: withLengths(rig.wire, 256, 0) }, deadline);
  await expect(readFuses(session, deadline)).rejects.toMatchObject({ code: "REPLY_MALFORMED", blame: "link" });
});
