import { expect, test } from "@jest/globals";
import type { Finding } from "../../harness/firmware/finding.js";
import { lint } from "../../harness/firmware/lint/lint.js";
import { SmallPackage } from "./small-package.js";

export const T01 = "st67w611m_mission_t01_v2.0.106.bin";
export const T02 = "st67w611m_mission_t02_v2.0.106.bin";
export const MFG = "st67w611m_mfg_v2.0.106.bin";
export const RAW = `${T01}.ota`;
export const XZ = T01.replace(/bin$/, "xz.ota");
export const TABLE = "partition.bin";
export const INI = "mission_t02_flash_prog_cfg.ini";

export const rulesOf = (findings: readonly Finding[]): string[] => findings.map(({ file, rule }) => `${file} ${rule}`);

/** One thing that is wrong with a package, and all that lint must say. */
export interface Damage {
  readonly what: string;
  readonly damage: (pkg: SmallPackage) => void;
  /** All that is found: file and rule, by file. */
  readonly rules: readonly string[];
  /** One of the findings, as far as it matters. */
  readonly told: Partial<Record<keyof Finding, unknown>>;
}

/** A test for each damage. */
export function testDamages(damages: readonly Damage[]): void {
  test.each(damages)("$what", ({ damage, rules, told }) => {
    using pkg = new SmallPackage();
    damage(pkg);
    const { findings } = lint(pkg.dir);
    expect(rulesOf(findings)).toEqual(rules);
    expect(findings).toContainEqual(expect.objectContaining(told));
    for (const { expected, found } of findings) expect(expected).not.toBe(found);
  });
}
