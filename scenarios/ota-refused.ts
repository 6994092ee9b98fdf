import { encodeOta, OTA } from "../harness/firmware/ota.js";
import { findPartition, ST_TABLE } from "../harness/firmware/partition.js";
import { type Firmware, scenario, updateOf } from "../harness/run/index.js";
import { expectToRun, toldBy } from "./parts/firmware-over-spi.js";
import { BROKEN_UPDATES, newestStepsOf } from "./parts/updates.js";
import { refusedWith } from "./parts/wrong.js";

type Bytes = Uint8Array;

const changedAt = (bytes: Bytes, at: number): Bytes => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
};

/** A payload that no slot holds, in a container that is right about it. */
function oversize(firmware: Firmware): Bytes {
  const slotBytes = findPartition(ST_TABLE, "FW")?.slots[1].bytes ?? 0;
  const payload = Buffer.alloc(slotBytes + 1, firmware.load().firmware.bytes);
  return encodeOta({ kind: "raw", hardware: "QCC_Module_v1.1", version: firmware.version, payload });
}

/** What a module is handed, and must not take. */
const WRONG: Readonly<Record<string, (firmware: Firmware) => Bytes>> = {
  truncated: (firmware) => updateOf(firmware, "raw").bytes.slice(0, -4096),
  "bad hash": (firmware) => changedAt(updateOf(firmware, "raw").bytes, OTA.payloadSha256),
  "bad payload": (firmware) => changedAt(updateOf(firmware, "raw").bytes, OTA.payload + 70_000),
  oversize,
  "wrong magic": (firmware) => changedAt(updateOf(firmware, "raw").bytes, 0),
};

/** A module that is handed a wrong update says so, and goes on running what it ran, from where it ran it. */
export default scenario({
  name: "ota-refused",
  ...BROKEN_UPDATES,
  parameters: (matrix) =>
    newestStepsOf(matrix).flatMap(([before, to]) =>
      Object.entries(WRONG).map(([what, make]) => ({
        label: `${before.label} -> ${to.label} ${what}`,
        firmwares: [before, to],
        before,
        to,
        what,
        make,
      })),
    ),
  async run(bench, { before, to, what, make }) {
    const { boot, restart, offerUpdate, note, expect } = bench;
    await boot(before);
    const { place } = await toldBy(bench);
    const refusal = await refusedWith(
      "OTA_REFUSED",
      `an update that is wrong (${what})`,
      offerUpdate({ name: `${to.label}, ${what}`, bytes: make(to) }),
    );
    note(refusal.message);
    await expectToRun(bench, before);
    await restart();
    await expectToRun(bench, before);
    expect((await toldBy(bench)).place).toEqual(place);
  },
});
