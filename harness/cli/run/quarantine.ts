import { z } from "zod";
import { schemaMistakes, tellMistakes } from "../../../rigs/file/mistakes.js";
import { parseTree, plainOf, type Scalar } from "../../../rigs/file/tree.js";
import { Wanted } from "../../../rigs/file/wanted.js";
import { count } from "../../base/count.js";
import { HarnessError } from "../../base/errors.js";
import { readPlainFile } from "../../base/read-file.js";
import { decodeText } from "../../base/text.js";
import { refuseForeign } from "../../base/trust.js";
import { type Chosen, matches } from "../../run/lanes/choose.js";

/** A case that is known to fail, who said why, and until when nobody is to look at it. */
const Entry = z.strictObject({
  /** Whole name of a case or scenario; `*` stands for anything. */
  case: z.string().min(1),
  reason: z.string().min(1),
  /** Its last day, UTC. */
  expiry: z.iso.date("expected a day as 2026-12-31"),
});
const Entries = z.array(Entry);
export type Entry = z.infer<typeof Entry>;
const WANTED = new Wanted(Entries);
const LARGEST_BYTES = 1024 * 1024;

/**
 * The entries of a quarantine file: a YAML list.
 *
 * @throws HarnessError QUARANTINE_INVALID with every mistake; FILE_UNREADABLE.
 */
export function loadQuarantine(file: string): Entry[] {
  // It decides what is not tested: a stranger's word is not enough.
  refuseForeign(file, "QUARANTINE_INVALID");
  const decoded = decodeText(readPlainFile(file, "a quarantine file", LARGEST_BYTES));
  if (decoded.text === undefined)
    throw new HarnessError("FILE_UNREADABLE", `${file}: expected a quarantine file in UTF-8, got ${decoded.found}`);
  const { tree, mistakes, torn } = parseTree(decoded.text, (line, column) => ({ file, line, column }));
  const checked = Entries.safeParse(plainOf(tree, textOr));
  const wrong = [...mistakes];
  if (!torn && !checked.success) wrong.push(...schemaMistakes(checked.error.issues, tree, WANTED));
  if (checked.success && wrong.length === 0) return checked.data;
  throw new HarnessError("QUARANTINE_INVALID", `${file}: ${count(wrong.length, "mistake")}\n${tellMistakes(wrong)}`);
}

/** A day, or a number, is meant as text here. */
const textOr = ({ value, source }: Scalar, path: readonly PropertyKey[]): unknown =>
  value !== null && WANTED.text(path) ? source : value;

/** What entries come to on a day. */
export interface Quarantine {
  /** By the names of cases: why each is not run. */
  readonly reasons: ReadonlyMap<string, string>;
  /** What somebody has to do about the file. */
  readonly told: readonly string[];
}

/** @param today the day of the run, UTC: `2026-11-28`. */
export function quarantined(entries: readonly Entry[], cases: readonly Chosen[], today: string): Quarantine {
  const reasons = new Map<string, string>();
  const told: string[] = [];
  for (const { case: pattern, reason, expiry } of entries) {
    const held = cases.filter(({ name, as, scenario }) => [name, as, scenario].some((each) => matches(pattern, each)));
    if (expiry < today) told.push(`the quarantine of ${pattern} has expired on ${expiry}: it is run again (${reason})`);
    else if (held.length === 0) told.push(`the quarantine of ${pattern} holds no case of this run`);
    else for (const { as } of held) if (!reasons.has(as)) reasons.set(as, `quarantine until ${expiry}: ${reason}`);
  }
  return { reasons, told };
}
