import { hexNumber } from "../../base/hex.js";
import type { FileFacts, OtaFacts, PackageFacts } from "../../firmware/inspect.js";
import type { ImageFacts } from "../../firmware/inspect-image.js";
import type { Superblock } from "../../firmware/littlefs.js";
import { table } from "./table.js";

type Line = readonly [label: string, value: string | undefined];

/** What `firmware inspect` found, for people. */
export const tellFacts = (facts: FileFacts | PackageFacts): string =>
  facts.kind === "package" ? tellPackage(facts) : tellFile(facts);

function tellFile(facts: FileFacts): string {
  const file: Line[] = [
    ["file", facts.file],
    ["size", `${facts.bytes} bytes`],
    ["file SHA-256", facts.sha256],
  ];
  switch (facts.kind) {
    case "image":
      return tellLines([...file, ...imageLines(facts.image)]);
    case "ota":
      return tellLines([...file, ...otaLines(facts.ota)]);
    case "partition":
      return `${tellLines([...file, ["kind", "partition table"], ["age", `${facts.table.age}`]])}\n\n${tellTable([
        ["PARTITION", "TYPE", "SLOT 0", "SLOT 1", "ACTIVE", "AGE"],
        ...facts.table.entries.map(({ name, type, slots, active, age }) => [
          name,
          `${type}`,
          ...slots.map(({ address, bytes }) => (bytes === 0 ? "-" : `${hexNumber(address)}, ${hexNumber(bytes)}`)),
          `${active}`,
          `${age}`,
        ]),
      ])}`;
    case "ini":
      return `${tellLines([
        ...file,
        ["kind", "flash configuration"],
        ["erase", ["nothing", "what is written", "the whole chip"][facts.ini.erase]],
        ["skip", facts.ini.skip.map((range) => `${hexNumber(range.address)}, ${hexNumber(range.bytes)}`).join("; ")],
        ["boot ROM through", facts.ini.boot2Isp ? "boot2" : "the strap"],
      ])}\n\n${tellTable([
        ["SECTION", "ADDRESS", "FILE"],
        ...facts.ini.files.map(({ section, address, filedir }) => [
          section,
          typeof address === "number" ? hexNumber(address) : address,
          filedir,
        ]),
      ])}`;
    case "littlefs":
      return tellLines([...file, ["kind", "littlefs image"], ...superblockLines(facts.superblock)]);
    case "damaged":
      return tellLines([...file, ["problem", facts.problem]]);
    case "efuse":
      return tellLines([...file, ["kind", "data of fuses"]]);
    case "efuse-mask":
      return tellLines([...file, ["kind", "mask of the data of fuses"]]);
    case "other":
      return tellLines([...file, ["kind", "no image, OTA file, partition table or ini"]]);
  }
}

function superblockLines(superblock: Superblock | undefined): Line[] {
  if (superblock === undefined) return [["superblock", "damaged"]];
  const { version, blockBytes, blocks } = superblock;
  return [
    ["version on disk", `${version >>> 16}.${version & 0xffff}`],
    ["blocks", `${blocks} of ${blockBytes} bytes`],
  ];
}

const BANNER_DIFFERS = ", by the version block; the banner has a time of its own";

const imageLines = (image: ImageFacts): Line[] => [
  ["kind", `${image.kind} image`],
  ["profile", image.profile],
  ["version", image.version],
  ["built", image.buildTime && `${image.buildTime}${image.kind === "boot2" ? "" : BANNER_DIFFERS}`],
  ["commit", image.commit],
  ["anti-rollback", image.antiRollback === undefined ? undefined : `${image.antiRollback}`],
  ["body", `${image.bodyBytes} bytes at ${hexNumber(image.bodyOffset)}, entry ${hexNumber(image.bootEntry)}`],
  ["body SHA-256", `${image.bodySha256}, ${image.bodyHash}`],
  ["flags", tellFlags(image)],
  [
    "CRCs",
    Object.entries(image.crcs)
      .map(([name, state]) => `${name} ${state}`)
      .join(", "),
  ],
  ["key hash", image.keyHash || "none"],
  ["signature", image.signature],
];

function tellFlags({ flags, headerRevision }: ImageFacts): string {
  const { word, sign, encrypt, noSegment, crcIgnore, hashIgnore } = flags;
  const set = { "one piece": noSegment, "crc-ignore": crcIgnore, "hash-ignore": hashIgnore };
  const names = Object.entries(set).flatMap(([name, on]) => (on ? [name] : []));
  const told = [`sign ${sign}`, `encrypt ${encrypt}`, ...names, `header revision ${headerRevision}`];
  return `${hexNumber(word)}: ${told.join(", ")}`;
}

const otaLines = (ota: OtaFacts): Line[] => [
  ["kind", `OTA file, ${ota.format}`],
  ["hardware", ota.hardware],
  ["OTA version", ota.version],
  ["payload", `${ota.payloadBytes} bytes, ${ota.payload}`],
  ...(ota.image === undefined
    ? [["holds", "no image"] as const]
    : imageLines(ota.image).map(([label, value]): Line => (label === "kind" ? ["holds", value] : [label, value]))),
];

function tellPackage({ path, keyHashes, files }: PackageFacts): string {
  const rows = files.map((file) => [
    file.file,
    file.kind === "ota" ? `ota ${file.ota.format}` : file.kind === "image" ? file.image.kind : file.kind,
    ...aboutImage(file),
    `${file.bytes}`,
    file.sha256.slice(0, 16),
  ]);
  const head = ["FILE", "KIND", "PROFILE", "VERSION", "BUILT", "CHECKS", "BODY SHA-256", "BYTES", "FILE SHA-256"];
  const keys = keyHashes.map((keyHash): Line => ["signed with key", keyHash || "none"]);
  return `${tellLines([["package", path], ...keys])}\n\n${tellTable([head, ...rows])}`;
}

function aboutImage(file: FileFacts): string[] {
  const image = file.kind === "image" ? file.image : file.kind === "ota" ? file.ota.image : undefined;
  if (image === undefined) return ["-", "-", "-", file.kind === "damaged" || file.kind === "ota" ? "bad" : "-", "-"];
  const checks = [
    ...Object.entries(image.crcs).flatMap(([name, state]) => (state === "bad" ? [`${name} CRC`] : [])),
    ...(image.bodyHash === "bad" ? ["body hash"] : []),
    ...(image.signature === "valid" ? [] : [image.signature === "none" ? "unsigned" : "signature"]),
    ...(file.kind === "ota" && file.ota.payload === "bad" ? ["payload"] : []),
  ];
  return [
    image.profile ?? "-",
    image.version ?? "-",
    image.buildTime ?? "-",
    checks.join(", ") || "ok",
    image.bodySha256.slice(0, 16),
  ];
}

const LABEL_CHARACTERS = 18;

/** A label and its value a line; without a value there is no line. */
const tellLines = (lines: readonly Line[]): string =>
  lines
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([label, value]) => `${label.padEnd(LABEL_CHARACTERS)}${value}`)
    .join("\n");

const tellTable = (rows: readonly (readonly string[])[]): string => table(rows).join("\n");
