import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { HarnessError } from "../harness/base/errors.js";
import { makeFolder } from "../harness/base/folders.js";
import { unwritable } from "../harness/base/unwritable.js";
import { type AllureAttachment, resultOfTrouble, resultsOf } from "./allure-result.js";
import { contentTypeOf } from "./content-type.js";
import { cleanJson } from "./json.js";
import { propertiesFile } from "./properties-file.js";
import type { Row, RunSummary } from "./row.js";
import { placeFile } from "./run-file.js";
import { troublesOf } from "./run-troubles.js";
import type { Story } from "./story.js";
import { uuidOf } from "./uuid.js";

export const ALLURE_RESULTS = "allure-results";
const ENVIRONMENT = "environment.properties";
/** Our UUIDs are of version 5, those of other tools are drawn. */
const OURS =
  /^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[\da-f]{4}-[\da-f]{12}-(?:result\.json|\d+-attachment(?:\.[a-z\d]+)?)$/;

/**
 * Writes the run as Allure reads it into `allure-results` in its folder: a new one, that takes the place of the old one when
 * all of it is there. What others put into the old one (history, categories, executor, results of other tools) is moved to
 * the new one.
 *
 * @throws HarnessError FILE_UNWRITABLE with the system's reason; RUN_UNREADABLE.
 */
export function writeAllure(runDir: string, story: Story): void {
  const folder = join(runDir, ALLURE_RESULTS);
  makeFolder(runDir);
  const made = temporaryIn(runDir);
  try {
    refuseOtherThanFolder(folder);
    mkdirSync(made);
    fill(made, runDir, story);
    replace(folder, made, temporaryIn(runDir));
  } catch (cause) {
    rmSync(made, { recursive: true, force: true });
    throw unwritable(folder, cause);
  }
}

function fill(made: string, runDir: string, story: Story): void {
  const { summary } = story;
  const write = (name: string, text: string) => writeFileSync(join(made, name), text, { flag: "wx" });
  const seen = new Map<string, number>();
  for (const row of story.rows()) {
    const nth = (seen.get(row.case) ?? 0) + 1;
    seen.set(row.case, nth);
    const { attachments, leftOut } = attach(row, uuidOf("result", summary.runId, row.case, nth), runDir, made);
    for (const result of resultsOf(row, nth, summary, attachments, leftOut))
      write(`${result.uuid}-result.json`, `${cleanJson(result)}\n`);
  }
  for (const [index, trouble] of troublesOf(summary).entries()) {
    const result = resultOfTrouble(trouble, index, summary);
    write(`${result.uuid}-result.json`, `${cleanJson(result)}\n`);
  }
  write(ENVIRONMENT, propertiesFile(environmentOf(summary)));
}

/** Allure takes names of letters, digits, dots and dashes alone, in its own folder: no path, and no link. */
function attach(row: Row, uuid: string, runDir: string, made: string) {
  const attachments: AllureAttachment[] = [];
  const leftOut: string[] = [];
  for (const [index, { name, file }] of row.attachments.entries()) {
    const end = extname(file).toLowerCase();
    const source = `${uuid}-${index + 1}-attachment${/^\.[a-z\d]{1,8}$/.test(end) ? end : ""}`;
    const missing = placeFile(runDir, file, join(made, source));
    if (missing === undefined) attachments.push({ name, source, type: contentTypeOf(file) });
    else leftOut.push(`${name} (${file}): ${missing}`);
  }
  return { attachments, leftOut };
}

function environmentOf({ runId, harness, seed, rigs, firmwares, shard }: RunSummary): Record<string, string> {
  return {
    ...{ run: runId, harness, seed: String(seed) },
    ...(shard !== undefined && { shard: `${shard.index}/${shard.of}` }),
    ...Object.fromEntries(
      rigs.map(({ name, simulated }) => [`rig ${name}`, simulated ? "a simulated module" : "hardware"]),
    ),
    ...Object.fromEntries(Object.entries(firmwares).map(([label, sha256]) => [`firmware ${label}`, sha256])),
  };
}

function refuseOtherThanFolder(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory())
    throw new HarnessError(
      "FILE_UNWRITABLE",
      `${path}: expected a folder or nothing, found a ${found.isSymbolicLink() ? "link" : "file"}`,
    );
}

/** Until the last step, nothing of the old folder is lost: at the worst it has another name. */
function replace(folder: string, made: string, before: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    renameSync(made, folder);
    return;
  }
  renameSync(folder, before);
  try {
    renameSync(made, folder);
  } catch (error) {
    renameSync(before, folder);
    throw error;
  }
  for (const name of readdirSync(before).filter((each) => each !== ENVIRONMENT && !OURS.test(each)))
    renameSync(join(before, name), join(folder, name));
  rmSync(before, { recursive: true });
}

const temporaryIn = (folder: string): string => join(folder, `.st67-hil-${randomBytes(8).toString("hex")}.tmp`);
