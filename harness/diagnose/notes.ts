import type { Stage } from "./evidence.js";
import type { Picture } from "./picture.js";
import type { Verdict } from "./verdict.js";

/** What a reader should know beside the causes. */
export function notesOn(
  { bootInfo, files, fuses, asked, silent, refused, all, end }: Picture,
  verdict: Verdict,
  runs: readonly { readonly verdict: Verdict; readonly stage: Stage | "none"; readonly line: number }[],
): string[] {
  const notes: string[] = [];
  const before = runs.slice(0, -1);
  if (before.length > 0) {
    const told = before.map((run) => `line ${run.line}: ${run.verdict}, at ${run.stage}`).join("; ");
    notes.push(`the tool was started ${runs.length} times, and the last one is judged; before it: ${told}`);
  }
  const said = all.filter(({ type }) => type === "end").length;
  if (said > 1 && end?.ok) notes.push(`success is said ${said} times in this run`);
  const lost = all.filter(({ type }) => type === "heard" || type === "refused").length - silent.length - refused.length;
  const greetings = all.filter((one) => one.type === "heard" && one.bytes.endsWith("4f4b")).length;
  if (verdict === "ok" && lost > greetings)
    notes.push("answers were lost or refused on the way, and got over: look at the line");
  if (verdict === "ok" && files.length > 0 && !files.some(({ verified }) => verified))
    notes.push("nothing in it shows that the flash was compared with the files: `st67-hil verify` does");
  if (verdict === "ok" && bootInfo !== undefined && bootInfo.info === undefined)
    notes.push("the CRC of the boot info does not hold: the line damages bytes");
  const isUnlocked = bootInfo?.info !== undefined && !bootInfo.info.loader && !bootInfo.info.signRequired;
  if (isUnlocked)
    notes.push(
      "the boot info says that this module is not locked: it takes unsigned images, and the vendor's --efuse locks it for good",
    );
  if (fuses === undefined && asked?.efuse && verdict !== "ok")
    notes.push("--efuse was given; the log does not show that fuses were written");
  if (fuses !== undefined && verdict !== "ok") notes.push("the fuses were begun with: what was burned stays");
  return notes;
}
