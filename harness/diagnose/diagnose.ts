import { adviceFor, type CauseCode } from "./codes.js";
import type { Evidence, Stage } from "./evidence.js";
import { meaningOf } from "./meaning.js";
import { notesOn } from "./notes.js";
import { BOOT_BAUD } from "./paras.js";
import { type Picture, pictureOf } from "./picture.js";
import { type Beside, LIKELIHOODS, type Likelihood, type Rule } from "./rule.js";
import { FILE_RULES } from "./rules-files.js";
import { FLASH_RULES } from "./rules-flash.js";
import { LINE_RULES } from "./rules-line.js";
import { runsOf } from "./runs.js";
import { type Timed, timesOf } from "./timing.js";
import { judge, type Verdict } from "./verdict.js";

interface Cause {
  readonly code: CauseCode;
  readonly likelihood: Likelihood;
  /** The line that speaks for it, as it stands there. */
  readonly evidence: string;
  readonly line: number;
  readonly advice: string;
}

/** What the handshake was answered with: the first question at any failure. */
type Handshake = "none" | "silent" | "foreign" | "answered";

export interface Diagnosis {
  readonly verdict: Verdict;
  /** Where the last run ended; `none` where there is no run. */
  readonly stage: Stage | "none";
  /** Why the verdict is this one, in a sentence. */
  readonly because: string;
  readonly handshake: Handshake;
  /** The last bytes that came and were none of those that were wanted. */
  readonly lastBytes: { readonly bytes: string; readonly meaning: string; readonly line: number } | undefined;
  /** Likeliest first. */
  readonly causes: readonly Cause[];
  readonly next: string;
  readonly stages: readonly Timed[];
  /** What is worth knowing and is no cause. */
  readonly notes: readonly string[];
  /** Each start of the tool; the last one is judged. */
  readonly runs: readonly { readonly verdict: Verdict; readonly stage: Stage | "none"; readonly line: number }[];
}

const RULES: readonly Rule[] = [...FILE_RULES, ...LINE_RULES, ...FLASH_RULES];

/** What a log or a trace tells of a module, by what the last run in it came to. Never throws. */
export function diagnose(evidence: readonly Evidence[]): Diagnosis {
  const pictures = runsOf(evidence).map(pictureOf);
  const last = pictures.at(-1);
  if (last === undefined) return NOTHING;
  const { verdict, because } = judge(last);
  const causes = verdict === "ok" ? [] : causesOf(last, { fastBefore: fastIn(pictures) });
  const heard = [...last.silent, ...last.stray, ...(last.greeted ? [] : last.greetings)]
    .toSorted((a, b) => a.line - b.line)
    .at(-1);
  const runs = pictures.map((picture) => ({
    verdict: judge(picture).verdict,
    stage: stageIn(picture),
    line: picture.all[0]?.line ?? 0,
  }));
  return {
    verdict,
    stage: stageIn(last),
    because,
    handshake: handshakeOf(last),
    lastBytes:
      heard && verdict !== "ok" ? { bytes: heard.bytes, meaning: meaningOf(heard.bytes), line: heard.line } : undefined,
    causes,
    next:
      verdict === "ok"
        ? last.done.some(({ stage }) => stage === "boot")
          ? BOOTED
          : PROVE
        : (causes[0]?.advice ?? WHOLE),
    stages: timesOf(last.all),
    notes: notesOn(last, verdict, runs),
    runs,
  };
}

const WHOLE = "Get the whole output of the tool, from its first line to its last, and diagnose that.";
const PROVE =
  "Drop BOOT and pulse CHIP_EN to start the firmware: the tool leaves the module in its ROM. `st67-hil chip boot` does it, and proves the boot.";

const BOOTED = "Nothing: it was seen to boot.";

const NOTHING: Diagnosis = {
  verdict: "unclear",
  stage: "none",
  because: "nothing in it is of the vendor's tool",
  handshake: "none",
  lastBytes: undefined,
  causes: [],
  next: WHOLE,
  stages: [],
  notes: [],
  runs: [],
};

const stageIn = (picture: Picture): Stage | "none" => {
  if (picture.boot2 !== undefined && picture.errors.length === 0) return "boot";
  if (picture.mismatches.length > 0 && picture.errors.length === 0) return "verify";
  const { verdict } = judge(picture);
  return verdict === "failed" && picture.stage === "done" ? "config" : picture.stage;
};

function handshakeOf({ greeted, greetings, done }: Picture): Handshake {
  if (greeted !== undefined || done.length > 0) return "answered";
  if (greetings.length === 0) return "none";
  return greetings.every(({ bytes }) => bytes === "") ? "silent" : "foreign";
}

/** A line that has carried set-para at the working rate carries that rate. */
const fastIn = (pictures: readonly Picture[]): Evidence | undefined =>
  pictures.flatMap(({ paras }) => paras).find(({ ok, baud }) => ok && baud > BOOT_BAUD)?.evidence;

function causesOf(picture: Picture, beside: Beside): Cause[] {
  const found = RULES.flatMap(({ code, likelihood, when, advice = adviceFor(code) }) => {
    const evidence = when(picture, beside);
    return evidence ? [{ code, likelihood, evidence: evidence.quote, line: evidence.line, advice }] : [];
  });
  const ranked = LIKELIHOODS.flatMap((rank) => found.filter(({ likelihood }) => likelihood === rank));
  return ranked.filter(({ code }, at) => ranked.findIndex((other) => other.code === code) === at);
}
