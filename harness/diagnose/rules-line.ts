import { CHECKSUM_ERROR } from "../protocol/status.js";
import type { Evidence } from "./evidence.js";
import { isEcho, isOkAtLast, isText } from "./meaning.js";
import { BOOT_BAUD, isSlowAlone } from "./paras.js";
import type { Picture } from "./picture.js";
import type { Rule } from "./rule.js";

/** No handshake was taken for one. The error alone tells it too, when the lines above it were cut away. */
const missed = ({ stage, greeted, greetings, errors }: Picture): Evidence | undefined =>
  stage === "handshake" && greeted === undefined
    ? (greetings.at(-1) ?? errors.find(({ code }) => code === "0050" || code === "0001"))
    : undefined;

const foreign = (picture: Picture): Evidence | undefined =>
  missed(picture) && picture.greetings.findLast(({ bytes }) => bytes !== "");

const allSilent = (picture: Picture): Evidence | undefined => (foreign(picture) ? undefined : missed(picture));

/** The tool was satisfied with bytes that do not end with OK, and the first command was not answered. */
const fooled = ({ greeted, greetings, done }: Picture): Evidence | undefined => {
  const taken = greetings.at(-1);
  const isNoise = taken !== undefined && !isOkAtLast(taken.bytes);
  return greeted && isNoise && !done.some(({ stage }) => stage === "boot-info") ? taken : undefined;
};

/** A command met silence; where only the tool's error is left of it, that. */
const silentAt =
  (...stages: readonly Picture["stage"][]) =>
  ({ stage, silent, stray, refused, errors, bootInfo }: Picture): Evidence | undefined => {
    if (!stages.includes(stage) || refused.length > 0 || stray.length > 0) return undefined;
    if (stage === "boot-info" && bootInfo !== undefined) return undefined;
    return silent.at(-1) ?? errors.at(0);
  };

/** Text where an answer should be: the tool shows it as bytes, or as a refusal with letters in it. */
export const textInstead = ({ stray, greeted }: Picture): Evidence | undefined =>
  greeted && stray.find(({ bytes }) => isText(bytes));

/** Bytes that are neither an answer nor a text. */
const damaged = ({ stray, refused, greeted, isFast }: Picture): Evidence | undefined =>
  greeted && isFast
    ? (stray.find(({ bytes }) => !isText(bytes)) ?? refused.find(({ status }) => status === CHECKSUM_ERROR))
    : undefined;

const silentSetPara = silentAt("set-para");
/** Where the other rate was tried as well, it is no question any more. */
const setParaSilent = (picture: Picture): Evidence | undefined =>
  isSlowAlone(picture.paras) ? undefined : silentSetPara(picture);
const unproven = (picture: Picture, proven: Evidence | undefined): Evidence | undefined =>
  picture.isFast && proven === undefined ? setParaSilent(picture) : undefined;

/** The ladder of ours has tried both rates. */
const slowAlone = ({ stage, paras }: Picture): Evidence | undefined =>
  stage === "set-para" && isSlowAlone(paras)
    ? paras.find(({ ok, baud }) => !ok && baud > BOOT_BAUD)?.evidence
    : undefined;

const silentEvenSlowly = ({ stage, paras, bootInfo }: Picture): Evidence | undefined => {
  const slowly = paras.filter(({ baud }) => baud <= BOOT_BAUD);
  const isSilent = slowly.length > 0 && slowly.length < paras.length && slowly.every(({ ok }) => !ok);
  return isSilent && bootInfo?.info && paras.every(({ ok }) => !ok) && ["set-para", "boot-info"].includes(stage)
    ? slowly[0]?.evidence
    : undefined;
};

/** What stands between the host's port and a module that listens in its ROM. */
export const LINE_RULES: readonly Rule[] = [
  {
    code: "PORT_LOST",
    likelihood: "certain",
    when: ({ troubles }) => troubles.find(({ trouble }) => trouble === "port-lost"),
  },
  {
    code: "PORT_UNAVAILABLE",
    likelihood: "certain",
    when: ({ troubles, greetings }) =>
      greetings.length > 0 ? undefined : troubles.find(({ trouble }) => trouble === "port"),
    advice:
      "Check the name after --port, that the adapter is plugged in, that this user may use it and nothing else does.",
  },
  {
    code: "LINE_ECHOES",
    likelihood: "certain",
    when: ({ greetings, bootInfo }) => (bootInfo ? undefined : greetings.find(({ bytes }) => isEcho(bytes))),
  },
  { code: "NOISE_TAKEN", likelihood: "likely", when: fooled },
  {
    code: "NOT_IN_ROM",
    likelihood: "likely",
    when: (picture) => foreign(picture) ?? allSilent(picture),
  },
  { code: "NOT_IN_ROM", likelihood: "possible", when: fooled },
  { code: "WIRES_OPEN", likelihood: "possible", when: allSilent },
  {
    code: "PORT_UNAVAILABLE",
    likelihood: "unlikely",
    when: allSilent,
    advice: "Check that the port after --port is the adapter's that is wired to the module.",
  },
  {
    code: "BOOT_INFO_CORRUPT",
    likelihood: "certain",
    when: ({ bootInfo, greeted }) =>
      greeted && bootInfo !== undefined && bootInfo.info === undefined ? bootInfo : undefined,
  },
  { code: "MODULE_LEFT_ROM", likelihood: "likely", when: textInstead },
  {
    code: "MODULE_LEFT_ROM",
    likelihood: "likely",
    when: ({ stage, stray }) => (stage === "boot-info" || stage === "clock-set" ? stray.at(-1) : undefined),
  },
  { code: "MODULE_LEFT_ROM", likelihood: "likely", when: silentAt("boot-info", "clock-set") },
  {
    code: "COMMAND_DAMAGED",
    likelihood: "certain",
    when: ({ refused }) => refused.find(({ status }) => status === CHECKSUM_ERROR),
  },
  { code: "LINK_TOO_SLOW", likelihood: "certain", when: slowAlone },
  { code: "SET_PARA_SILENT", likelihood: "certain", when: silentEvenSlowly },
  { code: "LINK_TOO_SLOW", likelihood: "likely", when: (picture, { fastBefore }) => unproven(picture, fastBefore) },
  {
    code: "LINK_TOO_SLOW",
    likelihood: "likely",
    when: (picture, { fastBefore }) => (fastBefore ? undefined : damaged(picture)),
  },
  {
    code: "SET_PARA_SILENT",
    likelihood: "likely",
    when: (picture, { fastBefore }) => (unproven(picture, fastBefore) ? undefined : setParaSilent(picture)),
  },
  { code: "SET_PARA_SILENT", likelihood: "possible", when: setParaSilent },
  { code: "MODULE_LEFT_ROM", likelihood: "unlikely", when: setParaSilent },
  {
    code: "LINK_TOO_SLOW",
    likelihood: "possible",
    when: (picture) => (picture.isFast ? (setParaSilent(picture) ?? damaged(picture)) : undefined),
  },
];
