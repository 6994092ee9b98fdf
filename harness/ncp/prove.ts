import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { type PartRow, parseFw } from "./answers.js";
import type { At } from "./at.js";
import { type Identity, identify } from "./identify.js";

/** Which firmware must run, and from where. */
export interface Claim {
  readonly profile: "t01" | "t02" | "mfg";
  readonly version: string;
  /** The slot of FW that boots, by the table in use; `undefined`: any. */
  readonly slot?: 0 | 1;
  /** Of that entry: 0 as the vendor's tool writes it, and one more with each update over the air. */
  readonly age?: number;
}

/** The firmware that AT speaks with, or why it does not. */
export type AtProof =
  | { readonly proven: true; readonly readyMs: number; readonly identity: Identity; readonly fw: PartRow }
  | { readonly proven: false; readonly reason: string };

/** `ready` was seen to come 640 to 854 ms after CHIP_EN. */
const SOONEST_MS = 500;
const ASSERTED = "SPI_RDY is asserted as soon as the module is reset: is it wired?";

/**
 * Holds a firmware that was just started to what must run.
 *
 * @param start when CHIP_EN rose, on the deadline's clock.
 * @param withinMs from there `ready` must come.
 * @param claim `undefined`: any mission.
 * @returns that it is unproven for mfg, which has no AT, and where SPI_RDY does not fall with a reset.
 * @throws HarnessError BOOT_UNEXPECTED with every difference; what `waitReady` and `command` throw.
 */
export async function proveByAt(
  at: At,
  start: number,
  withinMs: number,
  claim: Claim | undefined,
  deadline: Deadline,
): Promise<AtProof> {
  if (claim?.profile === "mfg") return { proven: false, reason: "mfg has no AT: its banner alone tells it" };
  const before = deadline.clock.now() - start;
  // The `ready` of an earlier start, which nobody read, would be taken for that of this one.
  if (before < SOONEST_MS && (await at.isReady())) return { proven: false, reason: `${at.name}: ${ASSERTED}` };
  const { ms } = await at.waitReady(withinMs - before, deadline);
  const identity = await identify(at, deadline);
  const fw = await readFw(at, deadline);
  if (claim !== undefined) refuseOther(at.name, claim, identity, fw);
  return { proven: true, readyMs: before + ms, identity, fw };
}

/** The row of the firmware in the table that the module uses. @throws HarnessError AT_MALFORMED; what `command` throws. */
export async function readFw(at: At, deadline: Deadline): Promise<PartRow> {
  return parseFw((await at.command("AT+PART?", deadline)).lines);
}

function refuseOther(name: string, claim: Claim, identity: Identity, fw: PartRow): void {
  const differences = [
    ...differs("version", claim.version, identity.version),
    ...differs("profile", claim.profile, identity.profile),
    ...(claim.slot === undefined ? [] : differs("active slot of FW", claim.slot, fw.active)),
    ...(claim.age === undefined ? [] : differs("age of FW", claim.age, fw.age)),
  ];
  if (differences.length === 0) return;
  const isStale = claim.age !== undefined && fw.age > claim.age;
  throw new HarnessError("BOOT_UNEXPECTED", `${name}: ${differences.join("; ")}`, {
    details: { expected: { ...claim }, found: { ...identity, slot: fw.active, age: fw.age } },
    ...(isStale && { advice: STALE }),
  });
}

const STALE =
  "The table in use points to the other slot, as an update over the air leaves it: erase 0xF000 or the whole chip (erase = 2), and program again.";

const differs = (what: string, expected: string | number, found: string | number): string[] =>
  expected === found ? [] : [`${what}: expected ${expected}, got ${found}`];
