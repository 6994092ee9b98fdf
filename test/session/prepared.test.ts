import { expect, test } from "@jest/globals";
import { encodeRequest } from "../../harness/protocol/frames.js";
import { openModule } from "../../harness/recover/open.js";
import { simBench } from "../support/bench.js";
import { toHex } from "../support/golden.js";
import { tapped } from "../support/tap.js";

const values = { address: 0x8000, data: Uint8Array.of(1, 2, 3) };

test("what was encoded ahead is sent for the very command that it was encoded for, and for no other", async () => {
  const { rig, deadline } = simBench();
  const { wire, sent } = tapped(rig.wire);
  const { rom } = await openModule({ ...rig, wire }, deadline);
  await rom.request("flashErase", { first: 0x8000, last: 0x8fff }, deadline);
  sent.splice(0);
  rom.prepare("flashWrite", values);
  const other = { address: 0x8100, data: Uint8Array.of(4) };
  await rom.request("flashWrite", other, deadline);
  await rom.request("flashWriteCheck", {}, deadline);
  await rom.request("flashWrite", values, deadline);
  expect(sent).toEqual(
    [encodeRequest("flashWrite", other), encodeRequest("flashWriteCheck", {}), encodeRequest("flashWrite", values)].map(
      toHex,
    ),
  );
  sent.splice(0);
  rom.prepare("flashWrite", values);
  await rom.request("flashDecompressWrite", values, deadline).catch(() => undefined);
  expect(sent).toEqual([toHex(encodeRequest("flashDecompressWrite", values))]);
});
