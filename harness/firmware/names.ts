/** T01: LwIP on the module. T02: LwIP on the host. mfg: manufacturing test. */
export type Profile = "t01" | "t02" | "mfg";

export const PROFILES: readonly Profile[] = ["t01", "t02", "mfg"];

const STEMS: Readonly<Record<Profile, string>> = { t01: "mission_t01", t02: "mission_t02", mfg: "mfg" };

export const imageName = (profile: Profile, version: string): string => `st67w611m_${STEMS[profile]}_v${version}.bin`;

/** The ini file of a profile; its firmware line holds the placeholder `_vxxx.bin`. */
export const iniName = (profile: Profile): string => `${STEMS[profile]}_flash_prog_cfg.ini`;

/** What the name of a firmware image says, or `undefined` for any other name. */
export function parseImageName(name: string): { profile: Profile; version: string } | undefined {
  const found = /^st67w611m_(mission_t01|mission_t02|mfg)_v(\d+\.\d+\.\d+)\.bin$/.exec(name);
  const profile = PROFILES.find((each) => STEMS[each] === found?.[1]);
  return found?.[2] === undefined || profile === undefined ? undefined : { profile, version: found[2] };
}

/** Negative when `a` is the older version: 2.0.97 comes before 2.0.106. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (const [index, number] of (left ?? []).entries()) {
    const difference = number - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const INIS = /^(mission_t01|mission_t02|mfg)_flash_prog_cfg(_v\d+\.\d+\.\d+)?\.ini$/;

/** An image or an ini of a package by every letter but their case: what a system that does not tell case has made of them. */
export function properName(name: string): string | undefined {
  const lower = name.toLowerCase();
  const is = (one: string) => parseImageName(one) !== undefined || INIS.test(one);
  return is(lower) && !is(name) ? lower : undefined;
}

/** Names in a folder that are of a package but for their case, as told in an error; empty where there are none. */
export function tellImproper(there: readonly string[]): string {
  const found = there.filter((name) => properName(name) !== undefined);
  return found.length === 0 ? "" : `; names are case-sensitive here, and there is ${found.join(", ")}`;
}

const FOREIGN = [
  /^\./,
  /^(desktop\.ini|thumbs\.db)$/i,
  /~$/,
  /^#.*#$/,
  /\.(bak|orig|swp)$/i,
  /:Zone\.Identifier$/,
  /^Icon\r$/,
];

/** What systems and editors leave in a folder, as `._x` and `.DS_Store` of a Mac: no part of a package, whatever it holds. */
export const isForeign = (name: string): boolean => FOREIGN.some((pattern) => pattern.test(name));
