import { isUnanswered } from "../protocol/flash.js";
import { CHECKSUM_ERROR, PROGRAM_FAILURES } from "../protocol/status.js";
import type { Evidence, Stage } from "./evidence.js";
import type { Picture } from "./picture.js";
import type { Rule } from "./rule.js";
import { textInstead } from "./rules-line.js";

const FLASH_STATUS = [1, 8];
const ERASE_STATUS = [2, 3];
const WRITE_STATUS = [4, 5, ...PROGRAM_FAILURES];
/** Those that a rule speaks of by itself. */
const OF_A_RULE = [...FLASH_STATUS, ...ERASE_STATUS, ...WRITE_STATUS, CHECKSUM_ERROR];
/** The ROM's own idle time-out is 2 s, which the tool thinks it may use up to this. */
const PAUSE_MS = 1800;

const refusedWith =
  (statuses: readonly number[]) =>
  ({ refused }: Picture): Evidence | undefined =>
    refused.find(({ status }) => statuses.includes(status));

const told =
  (...codes: readonly string[]) =>
  ({ errors }: Picture): Evidence | undefined =>
    errors.find(({ code }) => codes.includes(code));

/** Codes that mean no more than that no good answer came: where only they are left of a log, that. */
const UNANSWERED = ["0030", "0033", "0034", "0035", "0036", "0037", "0038", "0039"];

/** Silence, once the working rate had carried something. */
const silentAt =
  (...stages: readonly Stage[]) =>
  (picture: Picture): Evidence | undefined => {
    const { stage, silent, stray, refused, jedec } = picture;
    const isHere = stage !== "none" && stages.includes(stage) && refused.length === 0;
    if (!isHere || textInstead(picture) || (stage === "jedec" && jedec !== undefined)) return undefined;
    return silent.at(-1) ?? stray.at(-1) ?? told(...UNANSWERED)(picture);
  };

const writeSilent = silentAt("write");

/** How long nothing had been said to the module before the silence began, by the tool's own times. */
function pausedBefore({ all, silent }: Picture): boolean {
  const [first] = silent;
  const before = first && all[all.indexOf(first) - 1];
  const earlier = before && all[all.indexOf(before) - 1];
  return before?.type === "stage" && (before.atMs ?? 0) - (earlier?.atMs ?? before.atMs ?? 0) > PAUSE_MS;
}

/** What the ROM and its flash say, or fail to say, once the line has carried the working rate. */
export const FLASH_RULES: readonly Rule[] = [
  {
    code: "FLASH_UNREACHED",
    likelihood: "certain",
    when: ({ jedec }) => (jedec && isUnanswered(jedec.bytes.slice(0, 6)) ? jedec : undefined),
  },
  { code: "FLASH_UNREACHED", likelihood: "likely", when: refusedWith(FLASH_STATUS) },
  {
    code: "FLASH_UNKNOWN",
    likelihood: "likely",
    when: (picture) =>
      picture.troubles.some(({ trouble }) => trouble === "wrong-flash-block")
        ? undefined
        : told("003D", "0043")(picture),
  },
  { code: "COMMAND_TIMEOUT", likelihood: "likely", when: silentAt("jedec", "write-check", "verify", "read") },
  { code: "ERASE_REFUSED", likelihood: "certain", when: refusedWith(ERASE_STATUS) },
  { code: "ERASE_SILENT", likelihood: "likely", when: silentAt("erase") },
  { code: "WRITE_FAILED", likelihood: "certain", when: refusedWith(WRITE_STATUS) },
  {
    code: "SESSION_LOST",
    likelihood: "likely",
    when: (picture) => told("0001")(picture) ?? (pausedBefore(picture) ? writeSilent(picture) : undefined),
  },
  {
    code: "BRIDGE_BUFFER",
    likelihood: "likely",
    when: (picture) =>
      picture.files.some(({ written }) => written) || picture.chunk !== undefined || pausedBefore(picture)
        ? undefined
        : writeSilent(picture),
  },
  {
    code: "MODULE_LEFT_ROM",
    likelihood: "likely",
    when: (picture) => (picture.chunk ? writeSilent(picture) : undefined),
  },
  {
    code: "MODULE_LEFT_ROM",
    likelihood: "possible",
    when: silentAt("jedec", "erase", "write", "write-check", "verify", "read", "efuse"),
  },
  { code: "SESSION_LOST", likelihood: "unlikely", when: silentAt("write", "write-check", "verify", "efuse") },
  { code: "LINK_TOO_SLOW", likelihood: "possible", when: silentAt("jedec", "write", "write-check", "verify", "read") },
  { code: "VERIFY_MISMATCH", likelihood: "certain", when: (picture) => picture.mismatches[0] ?? told("003E")(picture) },
  {
    code: "BOOT_SILENT",
    likelihood: "likely",
    when: ({ stage, end, all }) => (stage === "boot" && end === undefined ? all.at(-1) : undefined),
  },
  { code: "FUSES_REFUSED", likelihood: "certain", when: told("0020", "0021", "0022", "0024") },
  {
    code: "COMMAND_REFUSED",
    likelihood: "likely",
    when: (picture) =>
      textInstead(picture) ? undefined : picture.refused.find(({ status }) => !OF_A_RULE.includes(status)),
  },
];
