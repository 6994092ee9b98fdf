import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { type Banner, bootNormally } from "../session/boot.js";
import { type Observer, SILENT } from "../session/stage.js";

/** Which firmware must run. */
export interface Expected {
  readonly profile: "t01" | "t02" | "mfg";
  readonly version: string;
}

/** How a boot went: seen, or not observable on this rig, which is said and fails nothing. */
export type BootProof =
  | { readonly proven: true; readonly banner: Banner }
  | { readonly proven: false; readonly reason: string };

/**
 * Boots the module normally and compares its banner with what must run.
 *
 * @throws HarnessError BOOT_SILENT, BOOT_REJECTED, BOOT_UNEXPECTED.
 */
export async function proveBoot(
  rig: Rig,
  expected: Expected | undefined,
  deadline: Deadline,
  observer: Observer = SILENT,
): Promise<BootProof> {
  if (rig.straps === undefined)
    return unproven(`${rig.name} drives no lines: the module was left in its boot ROM`, observer);
  if (!rig.bootProof.includes("banner")) return unproven(`${rig.name} cannot observe a boot (bootProof)`, observer);
  const banner = await bootNormally(rig, deadline);
  observer.stage({ stage: "boot", ms: banner.ms });
  if (expected !== undefined) compare(rig.name, banner, expected);
  return { proven: true, banner };
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
