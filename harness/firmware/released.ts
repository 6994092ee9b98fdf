import { textsFrom } from "./bytes.js";
import type { Finding } from "./finding.js";
import { type Image, LONGEST_TEXT } from "./image.js";

interface Released {
  readonly keyHash: string;
  readonly version: string;
  readonly bodySha256: string;
}

/** boot2 8.1.9 of ST: releases 1.0.0 to 1.3.0 each signed it anew, and its body never changed. */
const RELEASED_BOOT2: Released = {
  keyHash: "9e0cb12265b514e65071743555e9c9d1937d1287a7ff63aa5add5d76c08b35eb",
  version: "8.1.9",
  bodySha256: "0751906cfce8218707bdc0fbf79b96c4824bae475d99c06291ade8b45ac6a25f",
};

const COMPONENT = "component_version_sdk_";

/** The texts of a firmware name its version a second time: what the application prints when it boots. */
export function checkComponentVersion({ name, kind, header, body, versionBlock }: Image): Finding[] {
  if (kind === "boot2" || versionBlock === undefined) return [];
  const at = { file: name, rule: "version", field: COMPONENT, expected: versionBlock.version } as const;
  const found = [...textsFrom(body, COMPONENT, LONGEST_TEXT)].map((named) => ({
    offset: header.bodyOffset + named.at + COMPONENT.length,
    found: /^[\w.-]*/.exec(named.text.slice(COMPONENT.length))?.[0] ?? "",
  }));
  if (found.length === 0) return [{ ...at, severity: "warning", found: "no such text" }];
  return found
    .filter((each) => each.found !== versionBlock.version)
    .map((each) => ({ ...at, severity: "error", ...each }));
}

/** A body that bears a released version and the key of its maker, and is another one. */
export function checkReleased(
  { name, kind, keyHash, versionBlock, header, bodySha256 }: Image,
  released = RELEASED_BOOT2,
): Finding[] {
  if (kind !== "boot2" || keyHash !== released.keyHash || versionBlock?.version !== released.version) return [];
  if (bodySha256 === released.bodySha256) return [];
  const at = { file: name, rule: "boot2-body", field: "body", offset: header.bodyOffset } as const;
  return [{ ...at, severity: "warning", expected: released.bodySha256, found: bodySha256 }];
}
