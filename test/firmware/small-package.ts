import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeSuperblock } from "../../harness/firmware/littlefs.js";
import { imageName, iniName, type Profile } from "../../harness/firmware/names.js";
import { encodeOta } from "../../harness/firmware/ota.js";
import { encodePartitionTable, ST_TABLE } from "../../harness/firmware/partition.js";
import { syntheticBoot2, syntheticFirmware } from "../../harness/firmware/synthetic.js";
import { xzCompress } from "../../harness/native/xz.js";
import { scratch } from "../support/scratch.js";

export const BOOT2 = "st67w611m_boot2_v8.1.9.bin";
export const LITTLEFS = "../../LittleFS/littlefs/littlefs.bin";

export const firmwareOf = (profile: Profile, version = "2.0.106", seed = 0): Uint8Array =>
  syntheticFirmware({ profile, version, bytes: 16384, seed });

const file = (section: string, filedir: string, address: string): string =>
  `[${section}]\nfiledir = ${filedir}\naddress = ${address}\n`;

/** An ini as ST's, `cfg` in place of its first section. */
export const iniOf = (profile: Profile, cfg = "[cfg]\nerase = 2\nskip_mode = 0x0, 0x0\nboot2_isp_mode = 0\n"): string =>
  [
    cfg,
    file("boot2", `./${BOOT2}`, "0x000000"),
    file("partition", "./partition.bin", "0xE000"),
    ...(profile === "mfg" ? [] : [file("littlefs", `./${LITTLEFS}`, "0x378000")]),
    file("FW", `./${imageName(profile, "xxx")}`, "@partition"),
  ].join("\n");

const T01 = firmwareOf("t01");

/** Everything that ST's package has, with images of 16 KiB; only t01@2.0.106 has OTA files. */
const CONTENTS: ReadonlyMap<string, Uint8Array> = new Map([
  [BOOT2, syntheticBoot2()],
  ["partition.bin", encodePartitionTable(ST_TABLE)],
  ["efusedata.bin", new Uint8Array(4608)],
  [LITTLEFS, Buffer.concat([1, 2].map((revision) => encodeSuperblock(revision, 2)))],
  ...(["t01", "t02", "mfg"] as const).flatMap((profile): [string, Uint8Array][] => [
    [iniName(profile), Buffer.from(iniOf(profile))],
    [imageName(profile, "2.0.106"), firmwareOf(profile)],
  ]),
  [imageName("t01", "2.0.97"), firmwareOf("t01", "2.0.97")],
  [`${imageName("t01", "2.0.106")}.ota`, encodeOta({ ...otaOf("2.0.106"), kind: "raw", payload: T01 })],
  [
    imageName("t01", "2.0.106").replace(/bin$/, "xz.ota"),
    encodeOta({ ...otaOf("2.0.106"), kind: "xz", payload: xzCompress(T01) }),
  ],
]);

export function otaOf(version: string) {
  return { hardware: "QCC_Module_v1.1", version };
}

/** A small package in a folder of its own, which goes with it. Names are paths from `dir`. */
export class SmallPackage implements Disposable {
  readonly #root = scratch();
  readonly dir = this.#root.file("Binaries/NCP_Binaries");

  constructor() {
    for (const name of CONTENTS.keys()) this.restore(name);
  }

  get names(): string[] {
    return [...CONTENTS.keys()];
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  write(name: string, bytes: Uint8Array | string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), bytes);
  }

  /** Flips the bits of `mask` at `at`. */
  flip(name: string, at: number, mask = 1): void {
    const bytes = this.read(name);
    bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
    this.write(name, bytes);
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  restore(name: string): void {
    this.remove(name);
    this.write(name, CONTENTS.get(name) ?? new Uint8Array());
  }

  [Symbol.dispose](): void {
    this.#root[Symbol.dispose]();
  }
}
