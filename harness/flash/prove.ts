import { HarnessError } from "../base/errors.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";
import type { ReadyInput, Rig } from "../base/wire.js";
import { openAt } from "../ncp/at.js";
import type { Identity } from "../ncp/identify.js";
import { type Claim, proveByAt } from "../ncp/prove.js";
import { type Banner, readBanner, startApplication, toldBy } from "../session/boot.js";
import { type Observer, SILENT } from "../session/stage.js";
import { strap } from "../session/strap.js";

/** How often SPI_RDY is looked at: its rise was seen 640 to 854 ms after CHIP_EN. */
const READY_POLL_MS = 5;

/** Which firmware must run. */
export interface Expected {
  readonly profile: "t01" | "t02" | "mfg";
  readonly version: string;
  /** From where, where that is known: by the partition table that was written. Only AT tells. */
  readonly place?: Pick<Claim, "slot" | "age"> | undefined;
}

/** What AT told of the firmware that runs, and where it runs from. */
interface Told extends Pick<Identity, "profile" | "version" | "built"> {
  /** Of FW, by the partition table in use. */
  readonly slot: 0 | 1;
  readonly age: number;
}

/** What was seen of a boot. SPI_RDY alone shows that something runs, not what. */
interface Seen {
  readonly banner: Banner | undefined;
  readonly readyMs?: number;
  readonly at?: Told;
}

/** How a boot went: seen, or not observable on this rig, which is said and fails nothing. */
export type BootProof =
  | ({ readonly proven: true } & Seen)
  | { readonly proven: false; readonly reason: string; readonly banner?: undefined };

/**
 * Boots the module normally and observes it as the rig can: the banner, and what AT tells, are compared with what must run,
 * SPI_RDY must rise.
 *
 * @throws HarnessError BOOT_SILENT, BOOT_REJECTED, BOOT_UNEXPECTED, BOOT_NOT_READY; what AT over SPI throws.
 */
export async function proveBoot(
  rig: Rig,
  expected: Expected | undefined,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<BootProof> {
  if (rig.straps === undefined)
    return unproven(`${rig.name} drives no lines: the module was left in its boot ROM`, observer);
  const [banner, ready, asks] = (["banner", "ready", "at"] as const).map((each) => rig.bootProof.includes(each));
  const at = asks && expected?.profile !== "mfg";
  const input = ready || at ? rig.ready : undefined;
  if (!banner && input === undefined) {
    const what = asks ? "a boot of mfg, which has no AT" : "a boot";
    return unproven(`${rig.name} cannot observe ${what} (bootProof)`, observer);
  }
  const start = banner ? await startApplication(rig, deadline) : await strap(rig, "application", deadline);
  const seen = banner
    ? await withBanner(rig, input, start, expected, deadline, observer)
    : { banner: undefined, rise: input && (await riseOf(rig, input, start, deadline)) };
  const isMfg = expected?.profile === "mfg" || seen.banner?.profile === "mfg";
  const told = asks && isMfg ? ["mfg has no AT"] : [];
  const readyMs = seen.rise === undefined || (isMfg && !ready) ? undefined : readyMsOf(rig, seen.rise, told, observer);
  const identity =
    at && !isMfg && readyMs !== undefined ? await byAt(rig, start, expected, told, deadline, observer) : undefined;
  if (seen.banner === undefined && (readyMs === undefined || (at && identity === undefined && !ready)))
    return unproven(told.join("; "), observer);
  for (const each of told) observer.note?.(`${each}. What else was seen proves the boot`);
  return {
    proven: true,
    banner: seen.banner,
    ...(readyMs !== undefined && { readyMs }),
    ...(identity !== undefined && { at: identity }),
  };
}

/** SPI_RDY is watched while the banner comes: it rises about when the banner is printed. */
async function withBanner(
  rig: Rig,
  ready: ReadyInput | undefined,
  start: number,
  expected: Expected | undefined,
  deadline: Deadline,
  observer: Observer,
): Promise<{ banner: Banner; rise: Rise | undefined }> {
  const over = new AbortController();
  const rising = ready === undefined ? undefined : riseOf(rig, ready, start, deadline, over.signal);
  const ended = rising?.catch(() => undefined);
  try {
    const banner = compared(rig.name, await readBanner(rig, start, deadline), expected, observer);
    return { banner, rise: await rising };
  } finally {
    over.abort();
    await ended;
  }
}

/** The firmware that answers, held to what must run. @param told hears why it cannot be. */
async function byAt(
  rig: Rig,
  start: number,
  expected: Expected | undefined,
  told: string[],
  deadline: Deadline,
  observer: Observer,
): Promise<Told | undefined> {
  const claim = expected && { profile: expected.profile, version: expected.version, ...expected.place };
  const proof = await proveByAt(await openAt(rig, deadline), start, rig.timing.bootMs, claim, deadline);
  if (!proof.proven) {
    told.push(proof.reason);
    return undefined;
  }
  const { identity, fw } = proof;
  observer.stage({ stage: "at", ms: wholeMicroseconds(deadline.clock.now() - start) });
  return { profile: identity.profile, version: identity.version, built: identity.built, slot: fw.active, age: fw.age };
}

/** From the rise of CHIP_EN to that of SPI_RDY, in milliseconds; as exact as the polling is. */
type Rise = number | "asserted before" | "never";

/** Looks from now on until `timing.bootMs` after `start`, or until it is over. */
async function riseOf(
  { timing }: Rig,
  ready: ReadyInput,
  start: number,
  deadline: Deadline,
  over?: AbortSignal,
): Promise<Rise> {
  if (await ready.read()) return "asserted before";
  while (deadline.clock.now() - start < timing.bootMs && over?.aborted !== true) {
    await deadline.sleep(READY_POLL_MS);
    const asserted = await ready.read();
    if (asserted) return wholeMicroseconds(deadline.clock.now() - start);
  }
  return "never";
}

/** @param told hears of a line that is never low. */
function readyMsOf({ name, timing }: Rig, rise: Rise, told: string[], observer: Observer): number | undefined {
  if (rise === "asserted before") {
    told.push(`${name}: SPI_RDY is asserted as soon as the module is reset: is it wired?`);
    return undefined;
  }
  if (rise === "never")
    throw new HarnessError("BOOT_NOT_READY", `${name}: SPI_RDY did not rise within ${timing.bootMs} ms of CHIP_EN`);
  observer.stage({ stage: "ready", ms: rise });
  return rise;
}

function unproven(reason: string, observer: Observer): BootProof {
  observer.note?.(`boot unproven: ${reason}`);
  return { proven: false, reason };
}

/** The banner, if it is the expected one. Without a profile's marker (as 2.0.75 prints it) it proves the version alone. */
function compared(rig: string, banner: Banner, expected: Expected | undefined, observer: Observer): Banner {
  const { version, profile, ms } = banner;
  observer.stage({ stage: "boot", ms });
  if (expected === undefined) return banner;
  if (version === expected.version && (profile === undefined || profile === expected.profile)) return banner;
  throw new HarnessError(
    "BOOT_UNEXPECTED",
    `${rig}: expected ${expected.profile}@${expected.version} to run, the banner says ${toldBy(banner)}`,
    { details: { expected: { ...expected }, found: { version, profile } } },
  );
}
