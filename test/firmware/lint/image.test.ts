import { expect } from "@jest/globals";
import { encodeBootHeader } from "../../../harness/firmware/header.js";
import { SYNTHETIC_KEY_HASH, syntheticBoot2, syntheticFirmware } from "../../../harness/firmware/synthetic.js";
import { MFG, T02, testDamages } from "../damage.js";
import { BOOT2, firmwareOf } from "../small-package.js";

testDamages([
  {
    what: "a flipped byte of a body",
    damage: (pkg) => pkg.flip(T02, 0x3000),
    rules: [`${T02} body-hash`, `${T02} signature`],
    told: { severity: "error", field: "bodySha256", offset: 0x88 },
  },
  {
    what: "a wrong header CRC",
    damage: (pkg) => pkg.flip(T02, 0xfc),
    rules: [`${T02} header-crc`],
    told: { field: "crc", offset: 0xfc, expected: expect.stringMatching(/^0x/) },
  },
  {
    what: "a wrong version in the name",
    damage: (pkg) => pkg.write("st67w611m_mission_t02_v2.0.107.bin", firmwareOf("t02")),
    rules: ["st67w611m_mission_t02_v2.0.107.bin version"],
    told: { field: "version", offset: 0x1c09, expected: "2.0.107", found: "2.0.106" },
  },
  {
    what: "another profile than the name says",
    damage: (pkg) => pkg.write(T02, firmwareOf("mfg")),
    rules: [`${T02} profile`],
    told: { field: "SW image", expected: "t02", found: "mfg" },
  },
  {
    what: "a firmware without a marker",
    damage: (pkg) => pkg.write("st67w611m_mission_t01_v2.0.75.bin", firmwareOf("t01", "2.0.75")),
    rules: ["st67w611m_mission_t01_v2.0.75.bin profile"],
    told: { severity: "warning", expected: "t01", found: "no marker" },
  },
  {
    what: "boot2 by name, firmware inside",
    damage: (pkg) => pkg.write("st67w611m_boot2_v2.0.106.bin", firmwareOf("t01")),
    rules: ["st67w611m_boot2_v2.0.106.bin profile"],
    told: { field: "kind", expected: "boot2", found: "firmware" },
  },
  {
    what: "a version in the texts that is not the block's",
    damage: (pkg) => pkg.flip(T02, pkg.read(T02).indexOf("sdk_2.0.106") + 10),
    rules: [`${T02} body-hash`, `${T02} signature`, `${T02} version`],
    told: { field: "component_version_sdk_", expected: "2.0.106", found: "2.0.107" },
  },
  {
    what: "an image larger than its partition",
    damage: (pkg) => pkg.write(T02, syntheticFirmware({ profile: "t02", version: "2.0.106", bytes: 0x1b4010 })),
    rules: [`${T02} slot`],
    told: { field: "size", expected: "at most 1785856 bytes", found: "1785872" },
  },
  {
    what: "an image of another key",
    damage: (pkg) => pkg.write(T02, firmwareOf("t02", "2.0.106", 1)),
    rules: [`${T02} key`],
    told: { field: "publicKey", offset: 0x100, expected: SYNTHETIC_KEY_HASH },
  },
  {
    what: "boot2 of another key",
    damage: (pkg) => pkg.write(BOOT2, syntheticBoot2(1)),
    rules: [`${BOOT2} key`],
    told: { expected: SYNTHETIC_KEY_HASH },
  },
  {
    what: "an unsigned image",
    damage: (pkg) => {
      const body = firmwareOf("t02").subarray(0x1000);
      pkg.write(T02, Buffer.concat([encodeBootHeader(body, 0x1000, undefined), body]));
    },
    rules: [`${T02} flags`, `${T02} key`],
    told: { rule: "key", found: "no key" },
  },
  {
    what: "an anti-rollback counter",
    damage: (pkg) => pkg.flip(T02, 0x1c08),
    rules: [`${T02} body-hash`, `${T02} signature`, `${T02} anti-rollback`],
    told: { field: "antiRollback", offset: 0x1c08, expected: "0", found: "1" },
  },
  {
    what: "an empty image",
    damage: (pkg) => pkg.write(MFG, ""),
    rules: ["mfg_flash_prog_cfg.ini layout", `${MFG} malformed`],
    told: { field: "content", expected: "an image of a firmware", found: "an empty file" },
  },
  {
    what: "an image without its magic",
    damage: (pkg) => pkg.flip(MFG, 0),
    rules: [`${MFG} malformed`],
    told: { field: "magic", offset: 0, expected: "BFNP", found: "43464e50" },
  },
]);
