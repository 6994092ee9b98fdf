import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { z } from "zod";
import { HarnessError } from "../base/errors.js";
import { told } from "../base/files.js";
import { makeFolder } from "../base/folders.js";
import { readIfThere, readPlainFile } from "../base/read-file.js";
import { unwritable } from "../base/unwritable.js";
import { endOf } from "../base/write-target.js";
import { xzCompress } from "../native/xz.js";
import { sha256 } from "./bytes.js";
import { isFolder } from "./files.js";
import { encodeSuperblock } from "./littlefs.js";
import { imageName, iniName, PROFILES, type Profile } from "./names.js";
import { encodeOta } from "./ota.js";
import { encodePartitionTable, ST_TABLE } from "./partition.js";
import { syntheticBoot2, syntheticFirmware } from "./synthetic.js";

/** Changes whenever other bytes come out; a package of another generation is written anew. */
const GENERATOR = "st67-hil synthetic 2";
const MANIFEST = "manifest.json";
const BINARIES = join("Binaries", "NCP_Binaries");
const LITTLEFS = join("LittleFS", "littlefs", "littlefs.bin");

/** Sizes of ST's images, in bytes. */
const RELEASES: Readonly<Record<string, Readonly<Record<Profile, number>>>> = {
  "2.0.97": { t01: 1459456, t02: 1278208, mfg: 517312 },
  "2.0.106": { t01: 1489024, t02: 1301888, mfg: 517536 },
};

const Manifest = z.strictObject({
  generator: z.string().startsWith("st67-hil synthetic"),
  seed: z.number(),
  /** SHA-256 by path. */
  files: z.record(z.string(), z.string()),
});
type Manifest = z.infer<typeof Manifest>;

/**
 * Writes a package like the vendor's: same names, layout, sizes, headers and tables, with images of our own making.
 * All or nothing: it is built beside `dir` and then renamed. A complete package that is there already is left alone.
 * Where `dir` is a link, its end is written.
 *
 * @param seed picks code and signing key; see `syntheticFirmware`.
 * @returns the folder to open: the package's `NCP_Binaries`.
 * @throws HarnessError USAGE when `dir` holds anything else; FILE_UNWRITABLE.
 */
export function writeSyntheticPackage(dir: string, { seed = 0 }: { readonly seed?: number } = {}): string {
  const given = resolve(dir);
  if (isComplete(given, seed)) return join(given, BINARIES);
  let scratch: string | undefined;
  try {
    makeFolder(dirname(given));
    const target = endOf(given);
    refuseForeign(target);
    scratch = mkdtempSync(join(dirname(target), ".st67-hil-"));
    build(join(scratch, "new"), seed);
    moveIn(scratch, target, seed);
  } catch (error) {
    throw unwritable(given, error);
  } finally {
    if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  }
  return join(given, BINARIES);
}

/** What is replaced goes for good: nothing may be in there that is not of a synthetic package. */
function refuseForeign(target: string): void {
  if (!existsSync(target)) return;
  const names = listAll(target);
  const own = readManifest(target)?.files ?? {};
  const foreign = names.find((name) => name !== MANIFEST && own[name] === undefined);
  if (foreign === undefined) return;
  throw new HarnessError(
    "USAGE",
    `${target}: expected an empty folder or a synthetic package, got something else: ${foreign}`,
  );
}

/** The files below a folder, by their paths from there. */
function listAll(folder: string): string[] {
  if (!isFolder(folder)) throw new HarnessError("FILE_UNWRITABLE", `${folder}: expected a folder, got a file`);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

/**
 * A rename never replaces a folder with something in it: whoever comes second takes what the first one made. What was
 * there comes back if the new one cannot take its place.
 */
function moveIn(scratch: string, target: string, seed: number): void {
  const [made, before] = [join(scratch, "new"), join(scratch, "old")];
  try {
    renameSync(made, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    if (isComplete(target, seed)) return;
    renameSync(target, before);
    try {
      renameSync(made, target);
    } catch (failure) {
      renameSync(before, target);
      throw failure;
    }
  }
}

function build(dir: string, seed: number): void {
  const files: Record<string, string> = {};
  for (const [path, bytes] of contents(seed)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
    files[path] = sha256(bytes).toString("hex");
  }
  const manifest: Manifest = { generator: GENERATOR, seed, files };
  writeFileSync(join(dir, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function* contents(seed: number): Generator<[path: string, bytes: Uint8Array]> {
  yield [join(BINARIES, "st67w611m_boot2_v8.1.9.bin"), syntheticBoot2(seed)];
  yield [join(BINARIES, "partition.bin"), encodePartitionTable(ST_TABLE)];
  yield [LITTLEFS, littlefs()];
  for (const profile of PROFILES) yield [join(BINARIES, iniName(profile)), Buffer.from(ini(profile))];
  for (const [version, sizes] of Object.entries(RELEASES)) {
    for (const profile of PROFILES) {
      const name = imageName(profile, version);
      const image = syntheticFirmware({ profile, version, bytes: sizes[profile], seed });
      const ota = { hardware: "QCC_Module_v1.1", version };
      yield [join(BINARIES, name), image];
      yield [join(BINARIES, `${name}.ota`), encodeOta({ ...ota, kind: "raw", payload: image })];
      const stream = xzCompress(image);
      yield [join(BINARIES, name.replace(/bin$/, "xz.ota")), encodeOta({ ...ota, kind: "xz", payload: stream })];
    }
  }
}

/** As ST writes them: mfg erases what it touches and leaves the file system alone, a mission erases the chip. */
function ini(profile: Profile): string {
  const cfg = ["[cfg]", `erase = ${profile === "mfg" ? 1 : 2}`, "skip_mode = 0x0, 0x0", "boot2_isp_mode = 0"];
  const file = (section: string, filedir: string, address: string) => [
    `[${section}]`,
    `filedir = ${filedir}`,
    `address = ${address}`,
  ];
  const sections = [
    cfg,
    file("boot2", "./st67w611m_boot2_v8.1.9.bin", "0x000000"),
    file("partition", "./partition.bin", "0xE000"),
    ...(profile === "mfg" ? [] : [file("littlefs", "./../../LittleFS/littlefs/littlefs.bin", "0x378000")]),
    file("FW", `./${imageName(profile, "xxx")}`, "@partition"),
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

const LITTLEFS_BYTES = 446464;
const BLOCK_BYTES = 4096;
const FILES = 20;

/** Like an image of small text files: blank flash, two superblocks, then blocks that are text up to some point and zero behind it. */
function littlefs(): Uint8Array {
  const out = Buffer.alloc(LITTLEFS_BYTES, 0xff);
  for (const block of [0, 1]) out.set(encodeSuperblock(block + 1, LITTLEFS_BYTES / BLOCK_BYTES), block * BLOCK_BYTES);
  for (let file = 0; file < FILES; file++) {
    const start = (file + 2) * BLOCK_BYTES;
    const digests = Array.from({ length: 16 + file }, (_, line) =>
      sha256(Buffer.from(`${file}/${line}`)).toString("base64"),
    );
    out.fill(0, start, start + BLOCK_BYTES);
    out.write(`file ${file}\n${digests.join("\n")}\n`, start, "latin1");
  }
  return out;
}

const readManifest = (dir: string): Manifest | undefined =>
  told(() => Manifest.parse(JSON.parse(readPlainFile(join(dir, MANIFEST), "a manifest").toString("utf8"))));

function isComplete(dir: string, seed: number): boolean {
  const manifest = readManifest(dir);
  if (manifest === undefined || manifest.generator !== GENERATOR || manifest.seed !== seed) return false;
  return Object.entries(manifest.files).every(([path, expected]) => {
    const bytes = readIfThere(join(dir, path), "a file of the package");
    return bytes !== undefined && sha256(bytes).toString("hex") === expected;
  });
}
