import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { ReadyInput, Rig } from "../base/wire.js";
import { type Banner, bootNormally } from "../session/boot.js";
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
  if (!rig.bootProof.includes("banner")) {
    if (ready === undefined) return unproven(`${rig.name} cannot observe a boot (bootProof)`, observer);
    return byReady(rig, ready, deadline, observer);
  }
  const banner = await bootNormally(rig, deadline);
  observer.stage({ stage: "boot", ms: banner.ms });
  if (expected !== undefined) compare(rig.name, banner, expected);
  if (ready === undefined) return { proven: true, banner };
  return { proven: true, banner, readyMs: await untilReady(rig, ready, banner.risenAt, deadline, observer) };
}

async function byReady(rig: Rig, ready: ReadyInput, deadline: Deadline, observer: Observer): Promise<BootProof> {
  const risenAt = await strap(rig, "application", deadline);
  if (await ready.read())
    return unproven(`${rig.name}: SPI_RDY is asserted as soon as the module is reset: is it wired?`, observer);
  return { proven: true, banner: undefined, readyMs: await untilReady(rig, ready, risenAt, deadline, observer) };
}

/** @returns from the rise of CHIP_EN to that of SPI_RDY, in milliseconds; as exact as the polling is. */
async function untilReady(
  { name, timing }: Rig,
  ready: ReadyInput,
  risenAt: number,
  deadline: Deadline,
  observer: Observer,
): Promise<number> {
  for (;;) {
    const asserted = await ready.read();
    const ms = deadline.clock.now() - risenAt;
    if (asserted) {
      observer.stage({ stage: "ready", ms });
      return ms;
    }
    if (ms >= timing.bootMs)
      throw new HarnessError("BOOT_NOT_READY", `${name}: SPI_RDY did not rise within ${timing.bootMs} ms of CHIP_EN`);
    await deadline.sleep(READY_POLL_MS);
  }
}

function unproven(reason: string, observer: Observer): BootProof {
  observer.note?.(`boot unproven: ${reason}`);
  return { proven: false, reason };
}

/** A banner without a profile's marker (as 2.0.75 prints it) proves the version alone. */
function compare(rig: string, { version, profile }: Banner, expected: Expected): void {
  if (version === expected.version && (profile === undefined || profile === expected.profile)) return;
  throw new HarnessError(
    "BOOT_UNEXPECTED",
    `${rig}: expected ${expected.profile}@${expected.version} to run, the banner says ${profile ?? "no profile"}@${version}`,
    { details: { expected: { ...expected }, found: { version, profile } } },
  );
}
