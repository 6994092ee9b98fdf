import { HarnessError } from "../base/errors.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { boot2Reason } from "./boot2-reason.js";
import { heardWithin } from "./greet.js";
import { strap } from "./strap.js";

/** boot2 and the application print at this rate, whatever the session used. */
export const BANNER_BAUD = 2_000_000;
/** No more of a boot's text is kept: a boot2 that fails repeats itself. */
const TEXT_LIMIT = 16_384;
/** And so much of it is told with an error. */
const TOLD_CHARACTERS = 2000;
/**
 * Without a profile in it a banner is over when the line was quiet for so long after its version: a marker may still come. With
 * both, what is printed in one go is still taken: 10 ms are 2000 bytes, and an adapter hands on what it has each ms.
 */
const QUIET_MS = 300;
const TOLD_QUIET_MS = 10;
/** A marker that is not followed by anything yet may be cut: that of T01 is the beginning of T02's. */
const MARKED = /SW image:\w+\W|MFG Version:/;

/** What a module printed after a normal boot. */
export interface Banner {
  readonly text: string;
  /** `2.0.106`, from `component_version_sdk_…` or `MFG Version: …`. */
  readonly version: string;
  readonly profile: "t01" | "t02" | "mfg" | undefined;
  /** When CHIP_EN rose, on the rig's clock. */
  readonly risenAt: number;
  /** From there to the version. */
  readonly ms: number;
}

/** Which firmware a banner tells of, for people; that of 2.0.75 names no profile. */
export const toldBy = ({ profile, version }: Pick<Banner, "profile" | "version">): string =>
  profile === undefined ? `${version}, of a profile that the banner does not name` : `${profile}@${version}`;

/** Resets the module with BOOT released, the line at the banner's rate. @returns when CHIP_EN rose, on the rig's clock. */
export async function startApplication(rig: Rig, deadline: Deadline): Promise<number> {
  await rig.wire.setBaud(BANNER_BAUD, deadline);
  return strap(rig, "application", deadline);
}

/**
 * Reads the banner of a module that was started at `start`, until `timing.bootMs` after it.
 *
 * @throws HarnessError BOOT_REJECTED with boot2's `reason` and its text; BOOT_SILENT with the text that came, if any did.
 */
export async function readBanner(rig: Rig, start: number, deadline: Deadline): Promise<Banner> {
  const { clock } = deadline;
  const end = start + rig.timing.bootMs;
  let text = "";
  let found: { version: string; ms: number } | undefined;
  while (clock.now() < end && text.length < TEXT_LIMIT) {
    const quietMs = MARKED.test(text) ? TOLD_QUIET_MS : QUIET_MS;
    const leftMs = end - clock.now();
    const chunk = await heardWithin(rig.wire, deadline, found === undefined ? leftMs : Math.min(quietMs, leftMs));
    if (chunk.length === 0) break;
    text += Buffer.from(chunk).toString("latin1");
    if (found === undefined) {
      const version = versionIn(text);
      if (version !== undefined) found = { version, ms: wholeMicroseconds(clock.now() - start) };
    }
  }
  if (found !== undefined) return { text, risenAt: wholeMicroseconds(start), ...found, profile: profileIn(text) };
  throw notBooted(rig, text);
}

/** A version that is not followed by anything yet may be cut in its last digit. The mfg image seems to print `2.0.106_ldo`. */
export const versionIn = (text: string): string | undefined =>
  /(?:component_version_sdk_|MFG Version: *)(\d+\.\d+\.\d+)[^\d.]/.exec(text)?.[1];

function profileIn(text: string): Banner["profile"] {
  if (text.includes("MFG Version:") || text.includes("SW image:mfg")) return "mfg";
  const marker = /SW image:(spi_wifi\w*)/.exec(text)?.[1];
  if (marker === undefined) return undefined;
  return marker.endsWith("_lwip_onhost") ? "t02" : "t01";
}

function notBooted({ name, timing }: Rig, text: string): HarnessError {
  const seen = text
    .trim()
    .split(/\s*[\r\n]+\s*/)
    .filter((line) => line !== "");
  if (text.includes("Dump log")) {
    const lines = [...new Set(seen)].filter((line) => !line.includes("Dump log"));
    const reason = boot2Reason(text);
    const printed = lines.join("; ");
    const why = reason === undefined ? printed : `${reason.told} (it printed: ${printed})`;
    return new HarnessError("BOOT_REJECTED", `${name}: boot2 refused the image: ${why}`, {
      details: { ...(reason && { reason: reason.number }), text: text.slice(0, TOLD_CHARACTERS) },
    });
  }
  const within = `within ${timing.bootMs} ms of CHIP_EN`;
  if (seen.length === 0) {
    return new HarnessError("BOOT_SILENT", `${name}: no banner ${within}: nothing was printed`, {
      details: { text: "" },
    });
  }
  const start = JSON.stringify(text.slice(0, 80));
  return new HarnessError(
    "BOOT_SILENT",
    `${name}: ${text.length} characters came ${within}, and no version is in them: ${start}`,
    {
      details: { text: text.slice(0, TOLD_CHARACTERS) },
      advice:
        "Something runs and prints, but no version that is known here. If this firmware's banner has none, set bootProof: [none].",
    },
  );
}
