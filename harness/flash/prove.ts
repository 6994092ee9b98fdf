import { HarnessError } from "../base/errors.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";
import type { ReadyInput, Rig } from "../base/wire.js";
import { type Banner, bootNormally, readBanner, startApplication, toldBy } from "../session/boot.js";
import { type Observer, SILENT } from "../session/stage.js";
import { strap } from "../session/strap.js";

/** How often SPI_RDY is looked at: its rise was seen 640 to 854 ms after CHIP_EN. */
const READY_POLL_MS = 5;

/** Which firmware must run. */
export interface Expected {
  readonly profile: "t01" | "t02" | "mfg";
  readonly version: string;
}

/**
 * How a boot went: seen, or not observable on this rig, which is said and fails nothing. SPI_RDY alone shows that
 * something runs, not what.
 */
export type BootProof =
  | { readonly proven: true; readonly banner: Banner; readonly readyMs?: number }
  | { readonly proven: true; readonly banner: undefined; readonly readyMs: number }
  | { readonly proven: false; readonly reason: string; readonly banner?: undefined };

/**
 * Boots the module normally and observes it as the rig can: the banner is compared with what must run, SPI_RDY must rise.
 *
 * @throws HarnessError BOOT_SILENT, BOOT_REJECTED, BOOT_UNEXPECTED, BOOT_NOT_READY.
 */
export async function proveBoot(
  rig: Rig,
  expected: Expected | undefined,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<BootProof> {
  const ready = rig.bootProof.includes("ready") ? rig.ready : undefined;
  if (rig.straps === undefined)
    return unproven(`${rig.name} drives no lines: the module was left in its boot ROM`, observer);
  if (rig.bootProof.includes("banner")) {
    if (ready !== undefined) return byBoth(rig, ready, expected, deadline, observer);
    return { proven: true, banner: compared(rig.name, await bootNormally(rig, deadline), expected, observer) };
  }
  if (ready === undefined) return unproven(`${rig.name} cannot observe a boot (bootProof)`, observer);
  return byReady(rig, ready, deadline, observer);
}

async function byReady(rig: Rig, ready: ReadyInput, deadline: Deadline, observer: Observer): Promise<BootProof> {
  const start = await strap(rig, "application", deadline);
  const rise = await riseOf(rig, ready, start, deadline);
  if (rise === "asserted before") return unproven(toldBefore(rig), observer);
  return { proven: true, banner: undefined, readyMs: readyMsOf(rig, rise, observer) };
}

/** SPI_RDY is watched while the banner comes: it rises about when the banner is printed. */
async function byBoth(
  rig: Rig,
  ready: ReadyInput,
  expected: Expected | undefined,
  deadline: Deadline,
  observer: Observer,
): Promise<BootProof> {
  const start = await startApplication(rig, deadline);
  const over = new AbortController();
  const rising = riseOf(rig, ready, start, deadline, over.signal);
  const ended = rising.catch(() => undefined);
  try {
    const banner = compared(rig.name, await readBanner(rig, start, deadline), expected, observer);
    const rise = await rising;
    if (rise !== "asserted before") return { proven: true, banner, readyMs: readyMsOf(rig, rise, observer) };
    observer.note?.(`${toldBefore(rig)} The banner alone proves the boot`);
    return { proven: true, banner };
  } finally {
    over.abort();
    await ended;
  }
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

const toldBefore = ({ name }: Rig): string =>
  `${name}: SPI_RDY is asserted as soon as the module is reset: is it wired?`;

function readyMsOf({ name, timing }: Rig, rise: number | "never", observer: Observer): number {
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
