import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { parseNetMode, parseVersions, type Versions } from "./answers.js";
import type { At } from "./at.js";

/** Which firmware runs, as it says itself. */
export interface Identity extends Omit<Versions, "sdk" | "image"> {
  readonly version: string;
  readonly profile: "t01" | "t02";
  /** Of 2.0.75 the mode of its network alone tells the profile. */
  readonly isMarked: boolean;
}

/** @throws HarnessError AT_MALFORMED, also where its marker and the mode of its network do not agree; what `command` throws. */
export async function identify(at: At, deadline: Deadline): Promise<Identity> {
  const { sdk, image, ...rest } = parseVersions((await at.command("AT+GMR", deadline)).lines);
  const mode = parseNetMode((await at.command("AT+CWNETMODE?", deadline)).lines);
  if (image !== undefined && image !== mode)
    throw new HarnessError(
      "AT_MALFORMED",
      `${at.name}: the firmware contradicts itself: by SW image it is ${image}, by CWNETMODE ${mode}`,
      { details: { version: sdk, image, mode }, advice: "Report this image to its maker: no profile is both." },
    );
  return { version: sdk, profile: mode, isMarked: image !== undefined, ...rest };
}
