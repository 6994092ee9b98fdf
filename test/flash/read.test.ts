import { expect, test } from "@jest/globals";
import { readFlash } from "../../harness/flash/read.js";
import { decodeFrame, decodeRequest } from "../../harness/protocol/frames.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";
import { bytes } from "../support/golden.js";
import { tapped } from "../support/tap.js";

const PATTERN = Uint8Array.from({ length: 40_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff);

/** A module that holds PATTERN, and what is asked of it from now on. */
async function opened(sim: Record<string, unknown>, readBytes?: number) {
  const { rig, deadline, module, clock } = simBench(sim, readBytes === undefined ? {} : { readBytes });
  module.flash.set(PATTERN);
  const { wire, sent } = tapped(rig.wire);
  const session = await openModule({ ...rig, wire }, deadline);
  sent.length = 0;
  const asked = () =>
    sent.map((frame) => {
      const payload = decodeFrame(bytes(frame))?.frame.payload ?? new Uint8Array();
      return decodeRequest("flashRead", payload)?.length;
    });
  return { session, deadline, clock, asked };
}

test("4 MiB are read at the floor of the line", async () => {
  const { session, deadline, clock, asked } = await opened({});
  const length = 4 * 1024 * 1024;
  const start = clock.now();
  await readFlash(session, 0, length, deadline);
  const floorMs = ((length + 16 * asked().length) * 10_000) / 2_000_000;
  expect((clock.now() - start) / floorMs).toBeLessThan(1.02);
});

const REFUSED = { faults: [{ at: { command: "flashRead", nth: 1 }, do: { refuse: 0x0035 } }] };
const SILENT = { faults: [{ at: { command: "flashRead", nth: 1 }, do: "silent" }] };

test.each([
  ["as the vendor's tools do", {}, undefined, [2048, 2048, 2048, 2048, 1808]],
  ["as much as the rig file says", {}, 4096, [4096, 4096, 1808]],
  ["no more than it answers with", {}, 16_384, [10_000, 4604, 792]],
  ["never less than the vendor's tools do", { quirks: { payloadLimit: 3000 } }, 16_384, [10_000, 3000, 3000, 1000]],
  ["nothing that it refuses", REFUSED, 4096, [4096, 2048, 2048, 2048, 2048, 1808]],
])("so much is asked for at once: %s", async (_, sim, readBytes, lengths) => {
  const { session, deadline, asked } = await opened(sim, readBytes);
  expect(await readFlash(session, 0, 10_000, deadline)).toEqual(PATTERN.slice(0, 10_000));
  expect(asked()).toEqual(lengths);
});

test("what a device does not take is asked of it once", async () => {
  const { session, deadline, asked } = await opened(REFUSED, 4096);
  for (const at of [0, 5000]) await readFlash(session, at, 5000, deadline);
  expect(asked().filter((length) => length === 4096)).toHaveLength(1);
});

test("after silence the next session asks for less", async () => {
  const { session, deadline, asked } = await opened(SILENT, 4096);
  await expect(readFlash(session, 0, 5000, deadline)).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  await openModule(session.rig, deadline);
  const before = asked().length;
  expect(await readFlash(session, 0, 5000, deadline)).toEqual(PATTERN.slice(0, 5000));
  expect(asked().slice(before)).toEqual([2048, 2048, 904]);
});

test("a refusal of what the vendor's tools ask for is a refusal", async () => {
  const { session, deadline, asked } = await opened(REFUSED);
  await expect(readFlash(session, 0, 10_000, deadline)).rejects.toMatchObject({ code: "COMMAND_REFUSED" });
  expect(asked()).toHaveLength(1);
});
