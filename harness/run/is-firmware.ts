import type { Expected } from "../flash/prove.js";
import type { Firmware, Profile } from "./scenario.js";

const PROFILES: readonly unknown[] = ["t01", "t02", "mfg"] satisfies Profile[];

/** Whether a banner can be compared with it at all: what no banner can say would be held against the firmware. */
export function isExpected(value: unknown): value is Expected {
  const { profile, version } = (value ?? {}) as Partial<Expected>;
  return PROFILES.includes(profile) && typeof version === "string" && version !== "";
}

export function isFirmware(value: unknown): value is Firmware {
  const { label, load, plan } = (value ?? {}) as Partial<Firmware>;
  return isExpected(value) && typeof label === "string" && typeof load === "function" && typeof plan === "function";
}
