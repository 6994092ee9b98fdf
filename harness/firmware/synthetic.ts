import { p256 } from "@noble/curves/nist.js";
import { HarnessError } from "../base/errors.js";
import { sha256, view } from "./bytes.js";
import { BODY_ADDRESS, encodeBootHeader, type Signer } from "./header.js";
import { compareVersions, PROFILES, type Profile } from "./names.js";

/** `keyHash` of every synthetic image that was made without a seed. */
export const SYNTHETIC_KEY_HASH = "3f82a66e9f87d3c2eda1adbf5ba5fb19b7d457f3bb542267aab9565ad1fc9058";

const BOOT2_BYTES = 52544;
const BOOT2_VERSION = "8.1.9";
const BOOT2_BODY_AT = 0x2000;
const FIRMWARE_BODY_AT = 0x1000;
const VERSION_BLOCK_AT = 0xc00;
const TEXTS_AT = 0xd00;
/** Room for the version block and the texts. */
const SMALLEST_BODY_BYTES = 0x1400;

/** The texts of boot2's log, as ST's boot2 holds them. */
const BOOT2_TEXTS = [
  "Boot2 ISP Ready",
  "Dump log...",
  "PK crc error",
  "PK sha error",
  "SIG crc error",
  "Hash error",
  "verify failed",
  "ARB err",
  "no valid group found",
  "Group %d parse fail ret 0x%x",
  "Media boot return %d",
  "Boot2 fail",
  "flash cfg err",
];

/** What each of the synthetic images is made of. Other seeds sign with other keys. */
interface Recipe {
  readonly name: "app" | "boot2";
  readonly version: string;
  readonly build: string;
  readonly commit: string;
  readonly texts: readonly string[];
}

/**
 * A firmware image like one of ST's, with pseudo-random code: header, version block, markers, hashes and signature are
 * right. Like ST's, images up to 2.0.75 have no profile marker, and those up to 2.0.89 name another board in it.
 *
 * @param bytes of the whole image, header included; at least 9216.
 * @param seed picks the code and the signing key; 0 is the key of `SYNTHETIC_KEY_HASH`.
 * @throws HarnessError USAGE for an image that is too small.
 */
export function syntheticFirmware({
  profile,
  version,
  bytes,
  seed = 0,
}: {
  readonly profile: Profile;
  readonly version: string;
  readonly bytes: number;
  readonly seed?: number;
}): Uint8Array {
  const time = `0${PROFILES.indexOf(profile) + 1}:00:${(Number(version.split(".").at(-1)) % 60).toString().padStart(2, "0")}`;
  const date = "Jan  1 2026";
  const texts = [...missionOrMfg(profile, version, date, time), ...markers(profile, version)];
  return image(
    { name: "app", version, build: `${date} ${time}`, commit: "", texts },
    profile,
    FIRMWARE_BODY_AT,
    bytes,
    seed,
  );
}

/** A boot loader image, 52544 bytes as ST's 8.1.9. */
export const syntheticBoot2 = (seed = 0): Uint8Array =>
  image(
    {
      name: "boot2",
      version: BOOT2_VERSION,
      build: "Jan  1 2026 00:00:00",
      commit: sha256(Buffer.from("synthetic boot2")).toString("hex").slice(0, 40),
      texts: BOOT2_TEXTS,
    },
    "boot2",
    BOOT2_BODY_AT,
    BOOT2_BYTES,
    seed,
  );

const missionOrMfg = (profile: Profile, version: string, date: string, time: string): string[] =>
  profile === "mfg"
    ? ["MFG Version: ", version, "Build Date: ", date, "Build Time: ", time]
    : ["Build:%s,%s", date, time, "Version of used components:", "\tVersion: ", "reboot", "sysver"];

function markers(profile: Profile, version: string): string[] {
  const board = compareVersions(version, "2.0.89") > 0 ? "qcc74xdk" : "qcc743dk";
  const names = { t01: `spi_wifi_${board}`, t02: `spi_wifi_${board}_lwip_onhost`, mfg: `mfg_test_${board}` };
  return [
    ...(compareVersions(version, "2.0.75") > 0 ? [`SW image:${names[profile]}`] : []),
    `component_version_sdk_${version}`,
    ...(compareVersions(version, "2.0.97") >= 0 ? ["board init done"] : []),
  ];
}

function image(recipe: Recipe, kind: string, bodyAt: number, bytes: number, seed: number): Uint8Array {
  if (!Number.isInteger(bytes) || bytes < bodyAt + SMALLEST_BODY_BYTES)
    throw new HarnessError(
      "USAGE",
      `expected at least ${bodyAt + SMALLEST_BODY_BYTES} bytes for an image, got ${bytes}`,
    );
  const body = code(`${seed}/${kind}/${recipe.version}`, bytes - bodyAt);
  body.fill(0, VERSION_BLOCK_AT, SMALLEST_BODY_BYTES);
  writeVersionBlock(body, recipe);
  Buffer.from(`${recipe.texts.join("\0")}\0`, "latin1").copy(body, TEXTS_AT);
  return Buffer.concat([encodeBootHeader(body, bodyAt, signerOf(seed)), body]);
}

/** Anti-rollback counter 0 and three version bytes; then pointers to name, build time and commit, which follow. */
function writeVersionBlock(body: Buffer, { name, version, build, commit }: Recipe): void {
  const [nameAt, buildAt, commitAt] = [0x74, 0x28, 0x48].map((at) => VERSION_BLOCK_AT + at) as [number, number, number];
  body.write("BLFBVERF", VERSION_BLOCK_AT, "latin1");
  body.set([0, ...version.split(".").map(Number)], VERSION_BLOCK_AT + 8);
  for (const [index, at] of [nameAt, buildAt, commitAt].entries())
    body.writeUInt32LE(BODY_ADDRESS + at, VERSION_BLOCK_AT + 12 + 4 * index);
  body.write("BLFBVERF", VERSION_BLOCK_AT + 0x20, "latin1");
  body.write(build, buildAt, "latin1");
  body.write(commit, commitAt, "latin1");
  body.write(name, nameAt, "latin1");
}

/** Bytes that are frequent in machine code; nine bytes in ten are one of them, which gives the xz ratio of code. */
const FREQUENT = Uint8Array.of(
  0x00,
  0x13,
  0x93,
  0x17,
  0xef,
  0x67,
  0x83,
  0x23,
  0x63,
  0x85,
  0x05,
  0xff,
  0x01,
  0x10,
  0x80,
  0x45,
);
const FREQUENT_OF_256 = 235;

/** Pseudo-random bytes (xorshift128 seeded with a hash of `label`), the same on every machine. */
function code(label: string, length: number): Buffer {
  const words = view(sha256(Buffer.from(label)));
  let [x, y, z, w] = [0, 4, 8, 12].map((at) => words.getUint32(at, true)) as [number, number, number, number];
  const out = Buffer.alloc(length);
  for (let at = 0; at < length; at++) {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = (w ^ (w >>> 19) ^ t ^ (t >>> 8)) >>> 0;
    out[at] = (w & 0xff) < FREQUENT_OF_256 ? (FREQUENT[(w >>> 8) & 15] ?? 0) : w >>> 24;
  }
  return out;
}

const signers = new Map<number, Signer>();

/** ECDSA with the nonce of RFC 6979: the same signature on every machine. No module outside of a simulator bears such a key. */
export function signerOf(seed: number): Signer {
  const known = signers.get(seed);
  if (known !== undefined) return known;
  const secret = sha256(Buffer.from(`st67-hil synthetic key ${seed}`));
  const signer: Signer = {
    publicKey: p256.getPublicKey(secret, false).slice(1),
    sign: (digest) => p256.sign(digest, secret, { prehash: false, lowS: false }),
  };
  signers.set(seed, signer);
  return signer;
}
