import type { PastJudgement } from "./history.js";
import { type FirmwareName, type Judged, labelOf } from "./judged.js";

/** Since which firmware a case fails. */
export interface Since {
  /** The first of an unbroken row of firmwares that fail, up to the one at hand: `t01@2.0.106`. */
  readonly label: string;
  /** The version of the one before it, which passed; missing where none did. Two images of one version are told apart. */
  readonly passed?: string;
}

/** A verdict on one firmware, by a case or by one of its siblings. */
interface Judgement {
  readonly name: string;
  readonly scenario: string;
  readonly firmware: FirmwareName;
  readonly verdict: "passed" | "failed";
}

/**
 * The first firmware with which a case fails: siblings are cases of its scenario whose names differ in nothing but the
 * version of the firmware that they prove. What this run says counts before what the past says. An image that was
 * renamed is the same firmware.
 *
 * @param past verdicts of the scenario, each name and firmware once.
 * @returns `undefined` where no other firmware was judged.
 */
export function failsSince(failed: Judged, run: readonly Judged[], past: readonly PastJudgement[]): Since | undefined {
  const { firmware } = failed;
  if (firmware === undefined || failed.verdict !== "failed") return undefined;
  const all = [...run.flatMap(judgementOf), ...past.map(ofThePast)];
  const keys = keysOf({ ...failed, firmware });
  const siblings = all.filter(
    (each) => each.scenario === failed.scenario && keysOf(each).some((key) => keys.includes(key)),
  );
  // Each firmware once, by its first verdict: this run's, where it has one.
  const known = new Map<string, Judgement>([[identityOf(firmware), { ...failed, firmware, verdict: "failed" }]]);
  for (const each of siblings) if (!known.has(identityOf(each.firmware))) known.set(identityOf(each.firmware), each);
  if (known.size < 2) return undefined;
  const older = [...known.values()]
    .filter((each) => compareVersions(each.firmware.version, firmware.version) <= 0)
    .sort((a, b) => compareVersions(b.firmware.version, a.firmware.version));
  const at = older.findIndex(({ verdict }) => verdict === "passed");
  const [first, passed] = at < 0 ? [older.at(-1), undefined] : [older[at - 1], older[at]];
  return {
    label: labelOf(first?.firmware ?? firmware),
    ...(passed !== undefined && { passed: told(passed.firmware, first?.firmware ?? firmware) }),
  };
}

const HASH_CHARS = 8;

const told = ({ version, sha256 = "" }: FirmwareName, other: FirmwareName): string =>
  version === other.version ? `${version} (${sha256.slice(0, HASH_CHARS)})` : version;

const identityOf = ({ sha256, ...named }: FirmwareName): string => sha256 ?? labelOf(named);

function judgementOf({ name, scenario, firmware, verdict }: Judged): Judgement[] {
  return firmware !== undefined && (verdict === "passed" || verdict === "failed")
    ? [{ name, scenario, firmware, verdict }]
    : [];
}

const ofThePast = ({ name, scenario, profile, version, sha256, verdict }: PastJudgement): Judgement => ({
  ...{ name, scenario, verdict },
  firmware: { profile, version, ...(sha256 !== null && { sha256 }) },
});

/** In a name that is spelled out, the version that is left open. */
const OPEN = "\0";

/**
 * The name without the version: where the label of the firmware that is proved stands last, or wherever that version
 * stands, as in `cross-flash t01@2.0.97 -> t02@2.0.97`.
 */
function keysOf({ name, firmware }: Pick<Judgement, "name" | "firmware">): string[] {
  const at = name.lastIndexOf(labelOf(firmware));
  const open = `${firmware.profile}@${OPEN}`;
  const last = at < 0 ? [] : [name.slice(0, at) + open + name.slice(at + labelOf(firmware).length)];
  return [...last, name.replaceAll(firmware.version, OPEN)];
}

/** As people count: 2.0.97 comes before 2.0.106. */
const compareVersions = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });
