import type { Trouble } from "./evidence.js";
import type { Picture } from "./picture.js";
import type { Rule } from "./rule.js";

const troubled =
  (...kinds: readonly Trouble[]) =>
  ({ troubles }: Picture) =>
    troubles.find(({ trouble }) => kinds.includes(trouble));

const told =
  (...codes: readonly string[]) =>
  ({ errors }: Picture) =>
    errors.find(({ code }) => codes.includes(code));

/** No file was written, though the tool is satisfied. An erase of the chip is all that was asked only where no file was to follow. */
export const wroteNothing = ({ end, files, done, asked, all }: Picture) => {
  const wasToWrite = asked?.config !== undefined || all.some(({ type }) => type === "writes");
  const didElse = done.some(({ stage }) => stage === "read" || stage === "boot" || (stage === "erase" && !wasToWrite));
  return end?.ok === true && files.length === 0 && !didElse ? end : undefined;
};

const unlocked = ({ bootInfo }: Picture): boolean =>
  bootInfo?.info !== undefined && !bootInfo.info.loader && !bootInfo.info.signRequired;

/** The files that the tool was given, and what they mean for the module. */
export const FILE_RULES: readonly Rule[] = [
  {
    code: "PLACEHOLDER_LEFT",
    likelihood: "certain",
    when: ({ troubles }) => troubles.find(({ trouble, quote }) => trouble === "file-missing" && /_vx+\b/i.test(quote)),
  },
  {
    code: "INI_INVALID",
    likelihood: "certain",
    when: (picture) =>
      picture.files.length === 0 && (picture.end?.ok || picture.greetings.length === 0)
        ? troubled("not-an-ini")(picture)
        : undefined,
    advice:
      "What --config names is no ini: name the vendor's .ini, not the firmware. The tool goes on all the same, and burns the fuses if it was given --efuse.",
  },
  {
    code: "INI_INVALID",
    likelihood: "likely",
    when: (picture) =>
      wroteNothing(picture) && picture.asked?.config !== undefined && !/\.ini$/i.test(picture.asked.config)
        ? picture.asked
        : undefined,
    advice: "--config wants the vendor's .ini, and got another file.",
  },
  {
    code: "FUSES_BURNED",
    likelihood: "certain",
    when: (picture) => (picture.files.length === 0 && picture.end?.ok === true ? picture.fuses : undefined),
  },
  {
    code: "NOTHING_WRITTEN",
    likelihood: "likely",
    when: wroteNothing,
  },
  {
    code: "PACKAGE_INVALID",
    likelihood: "certain",
    when: ({ troubles }) => troubles.find(({ trouble, quote }) => trouble === "file-missing" && !/_vx+\b/i.test(quote)),
    advice: "A file that the ini names is not where it says: unpack the whole package, its LittleFS folder too.",
  },
  {
    code: "FILE_UNREADABLE",
    likelihood: "certain",
    when: (picture) => troubled("no-config")(picture) ?? told("000B")(picture),
  },
  {
    code: "PLAN_INVALID",
    likelihood: "certain",
    when: (picture) => troubled("file-clash")(picture) ?? told("0044")(picture),
  },
  { code: "PARTITION_INVALID", likelihood: "certain", when: troubled("partition") },
  { code: "FLASH_TOO_SMALL", likelihood: "certain", when: told("0045") },
  {
    code: "WRONG_PACKAGE",
    likelihood: "likely",
    when: (picture) => troubled("wrong-flash-block")(picture) ?? told("0040")(picture),
  },
  { code: "MODULE_UNLOCKED", likelihood: "likely", when: (picture) => (unlocked(picture) ? picture.boot2 : undefined) },
  { code: "KEY_FOREIGN", likelihood: "likely", when: ({ boot2 }) => (boot2?.about === "key" ? boot2 : undefined) },
  { code: "IMAGE_INVALID", likelihood: "likely", when: ({ boot2 }) => (boot2?.about === "key" ? undefined : boot2) },
  {
    code: "TOOL_NOT_EXECUTABLE",
    likelihood: "certain",
    when: (picture) => (picture.done.length > 0 ? undefined : troubled("not-executable")(picture)),
  },
  {
    code: "TOOL_FAILED",
    likelihood: "possible",
    when: ({ troubles, end }) => (end?.ok ? undefined : troubles.find(({ trouble }) => trouble === "crashed")),
  },
];
