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
