import { encodeOta, OTA, readOta } from "../harness/firmware/ota.js";
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

const CUT_BYTES = 4096;

/** A payload that no slot holds, in a container that is right about it. */
function oversize(firmware: Firmware): Bytes {
  const slotBytes = findPartition(ST_TABLE, "FW")?.slots[1].bytes ?? 0;
  const payload = Buffer.alloc(slotBytes + 1, firmware.load().firmware.bytes);
  return encodeOta({ kind: "raw", hardware: "QCC_Module_v1.1", version: firmware.version, payload });
}

/** A container that is right about a payload cut short, but for the length that it states. */
function misstated(firmware: Firmware): Bytes {
  const { payload, ...of } = readOta(updateOf(firmware, "raw").bytes, firmware.label);
  const bytes = encodeOta({ ...of, payload: payload.subarray(0, -CUT_BYTES) });
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(OTA.payloadBytes, payload.length, true);
  return bytes;
}

type Make = (firmware: Firmware) => Bytes;

/** What a module is handed, and must not take: its header says so, */
const WRONG_HEADERS: Readonly<Record<string, Make>> = {
  oversize,
  "wrong magic": (firmware) => changedAt(updateOf(firmware, "raw").bytes, 0),
  "wrong kind": (firmware) => changedAt(updateOf(firmware, "raw").bytes, OTA.kind),
  "wrong hardware": (firmware) => changedAt(updateOf(firmware, "raw").bytes, OTA.hardware),
};

/** or what follows it. */
const WRONG_PAYLOADS: Readonly<Record<string, Make>> = {
  truncated: (firmware) => updateOf(firmware, "raw").bytes.slice(0, -CUT_BYTES),
  "wrong length": misstated,
  "bad hash": (firmware) => changedAt(updateOf(firmware, "raw").bytes, OTA.payloadSha256),
  "bad payload": (firmware) => {
    const { bytes } = updateOf(firmware, "raw");
    return changedAt(bytes, (OTA.payload + bytes.length) >> 1);
  },
};

/** A module that is handed a wrong update says so, and goes on running what it ran, from where it ran it. */
export default scenario({
  name: "ota-refused",
  ...BROKEN_UPDATES,
  parameters: (matrix) =>
    newestStepsOf(matrix).flatMap(([before, to]) =>
      Object.entries({ ...WRONG_HEADERS, ...WRONG_PAYLOADS }).map(([what, make]) => ({
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
    // A module that takes no update at all would refuse these, too.
    if (what in WRONG_PAYLOADS) expect(refusal.details["offset"]).toBeGreaterThan(0);
    await expectToRun(bench, before);
    await restart();
    expect(await expectToRun(bench, before)).toEqual(place);
  },
});
