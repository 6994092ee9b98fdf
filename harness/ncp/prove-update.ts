import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { PartRow } from "./answers.js";
import type { At } from "./at.js";
import { type Identity, identify } from "./identify.js";
import { readFw } from "./prove.js";
import type { UpdateFile } from "./update-file.js";

/** The firmware after an update, or why AT does not tell it. */
export type UpdateProof =
  | { readonly proven: true; readonly identity: Identity; readonly fw: PartRow }
  | { readonly proven: false; readonly reason: string };

/**
 * Holds what runs to the file that was installed, and to FW in the table before it: its age has grown, and with a raw file
 * it boots from the other slot. boot2 expands an xz file into another slot still, so there either may be.
 *
 * @throws HarnessError OTA_NOT_APPLIED with every difference; what `command` throws.
 */
export async function proveUpdate(at: At, before: PartRow, file: UpdateFile, deadline: Deadline): Promise<UpdateProof> {
  if (file.profile === "mfg") return { proven: false, reason: "mfg has no AT: its banner alone tells it" };
  const identity = await identify(at, deadline);
  const fw = await readFw(at, deadline);
  const differences = [
    ...(identity.version === file.version ? [] : [`version: expected ${file.version}, got ${identity.version}`]),
    ...(file.profile === undefined || identity.profile === file.profile
      ? []
      : [`profile: expected ${file.profile}, got ${identity.profile}`]),
    ...(fw.age > before.age ? [] : [`age of FW: expected more than ${before.age}, got ${fw.age}`]),
    ...(file.kind === "xz" || fw.active !== before.active ? [] : [`active slot of FW: still ${fw.active}`]),
  ];
  if (differences.length === 0) return { proven: true, identity, fw };
  throw new HarnessError("OTA_NOT_APPLIED", `${at.name}: ${file.name}: ${differences.join("; ")}`, {
    details: {
      expected: { version: file.version, profile: file.profile, before: { slot: before.active, age: before.age } },
      found: { version: identity.version, profile: identity.profile, slot: fw.active, age: fw.age },
    },
  });
}
