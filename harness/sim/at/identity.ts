import { identityOf } from "../boot/banner.js";
import { tableInUse } from "../boot/tables.js";
import type { Board } from "../rom/rom.js";
import type { Fuses } from "../silicon/fuses.js";
import { markerOf } from "./profile.js";

/** The version of the AT set, as ST's `info` shows it on 2.0.89; where an image keeps it is not known. */
const AT_VERSION = "1.0.0.0";
/** Their order is that of the strings in the images. */
const COMPONENTS = [
  /component_version_macsw_[\w.]+/,
  /component_version_sdk_[\w.]+/,
  /lib_version_btblecontroller_[\w.]+/,
  /component_version_btble_[\w.]+/,
];
/** Where the vendor's own script finds the three MACs and the part number. */
const MACS_AT = [0x14, 0x64, 0x70];
const MAC_BYTES = 6;
const PART_NUMBER = { at: 0x100, bytes: 24, end: 0x03 };

/** The lines of AT+GMR, from the image's own bytes: a component that is not in them is not told. */
export function versions(body: Uint8Array, { gmrVersion, imageBoard }: Board["options"]["ncp"]): string[] {
  const text = Buffer.from(body).toString("latin1");
  const { date, time } = identityOf(body);
  const told = gmrVersion === "auto" ? "$&" : `component_version_sdk_${gmrVersion}`;
  const components = COMPONENTS.flatMap((component) => component.exec(text)?.[0] ?? []);
  const marker = markerOf(body);
  return [
    `AT version:${AT_VERSION}(${date} ${time})`,
    ...components.map((component) => component.replace(/^component_version_sdk_.*/, told)),
    ...(marker === null ? [] : [`SW image:${marker[1]}${imageBoard ? (marker[2] ?? "") : ""}${marker[3] ?? ""}`]),
    `compile time:${date} ${time}`,
  ];
}

/** 0: LwIP runs on the host. Images without a marker are of the time before there was such a one. */
export function netMode(body: Uint8Array, planted: "auto" | 0 | 1): number {
  if (planted !== "auto") return planted;
  return markerOf(body)?.[3] === undefined ? 1 : 0;
}

/** The lines of AT+PART?: none without a valid table. */
export function partitions({ silicon, options }: Board): string[] {
  const { partFirst, partLength } = options.ncp;
  const found = tableInUse(silicon.nor, options.quirks);
  const address = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
  return (found?.table.entries ?? []).map(({ name, type, active, slots, length, age }, index) => {
    const [first, second] = slots;
    const bytes = partLength === "max" ? slots[active].bytes : length;
    return [
      `+PART=${partFirst === "type" ? type : index}`,
      active,
      `"${name.padStart(8)}"`,
      address(first.address),
      address(second.address),
      bytes,
      age,
    ].join(",");
  });
}

export const macs = (fuses: Fuses): string[] =>
  MACS_AT.map((at, slot) => {
    const mac = [...fuses.read(at, MAC_BYTES)].reverse();
    return `+GMACSLOT${slot}:${mac.map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
  });

/** Empty where none is fused. */
export function partNumber(fuses: Fuses): string {
  const bytes = fuses.read(PART_NUMBER.at, PART_NUMBER.bytes);
  const end = bytes.indexOf(PART_NUMBER.end);
  return `+PN:${Buffer.from(bytes.subarray(0, Math.max(0, end))).toString("latin1")}`;
}
