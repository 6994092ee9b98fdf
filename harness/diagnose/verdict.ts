import { count } from "../base/count.js";
import type { Picture } from "./picture.js";
import { wroteNothing } from "./rules-files.js";

export type Verdict = "ok" | "failed" | "unclear";

export interface Judged {
  readonly verdict: Verdict;
  /** In one sentence. */
  readonly because: string;
}

const failed = (because: string): Judged => ({ verdict: "failed", because });
const unclear = (because: string): Judged => ({ verdict: "unclear", because });

/**
 * What a run came to. The tool's word for it is not enough: it says success of runs that wrote nothing, and after an error.
 * So `ok` needs its end marker, no error that stands, and what the run was for.
 */
export function judge(picture: Picture): Judged {
  const { errors, mismatches, end, boot2, troubles, fuses, greetings, done } = picture;
  if (mismatches.length > 0) return failed("what is in the flash is not what was to be written");
  const [error] = errors;
  if (error !== undefined) {
    const all = end?.ok ? ", though it says success at its end" : "";
    return failed(`the tool says error ${error.code}${all}`);
  }
  if (end?.ok === false) return failed("the tool says that it gave up");
  if (troubles.some(({ trouble }) => trouble === "port-lost")) return failed("the port was lost");
  const touched = greetings.length > 0 || done.length > 0 || end !== undefined;
  if (!touched && troubles.some(({ trouble }) => trouble !== "crashed"))
    return failed("the tool did not get as far as the module");
  if (end === undefined) return unclear("it does not show how the tool ended");
  if (boot2 !== undefined) return failed("the flash was written, and boot2 refuses what is in it");
  if (wroteNothing(picture)) {
    const misread = troubles.some(({ trouble }) => trouble === "not-an-ini");
    if (fuses || misread) return failed(`the tool says success, and wrote no file${fuses ? ": only fuses" : ""}`);
    return unclear("the tool says success, and the log does not show what it did");
  }
  return judgeFiles(picture);
}

/** Where all of the verification is missing the tool's word stands for it, which is told; some of it missing is a gap. */
function judgeFiles({ files }: Picture): Judged {
  if (files.length === 0) return { verdict: "ok", because: "the tool did what it was asked, and wrote no file" };
  if (files.some(({ begun }, at) => begun.index !== at)) return unclear("the log does not show all files");
  const verified = files.filter((file) => file.verified).length;
  if (files.some(({ written }) => !written)) return unclear("the log does not show that all files were written");
  if (verified > 0 && verified < files.length) return unclear("the log does not show that all files were verified");
  return {
    verdict: "ok",
    because: `${count(files.length, "file")} written${verified > 0 ? " and verified" : "; the log shows no verification"}`,
  };
}
