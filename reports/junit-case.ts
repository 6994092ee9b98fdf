import { attachmentBytes, outputOf } from "./junit-output.js";
import { bytesOf, fittedText } from "./junit-size.js";
import type { JunitAttempt, JunitCase, JunitResult } from "./junit-xml.js";
import type { Attempt, Row } from "./row.js";
import { firstLine } from "./text.js";

/** A title that every server shows on one line. */
const MESSAGE_CHARS = 500;
/** Tags, times and indentation of a case. */
const FRAME_BYTES = 400;
/** And of one property, or one attempt. */
const PROPERTY_BYTES = 40;
const ATTEMPT_BYTES = 150;

interface Place {
  readonly name: string;
  readonly classname: string;
  readonly timestamp: string | undefined;
  readonly seed: number;
  /** What the case may take of the file. */
  readonly bytes: number;
  /** Before the path of each attachment. */
  readonly attachmentBase: string;
}

/** A row as JUnit: what the file has no room for is cut, texts before lines before properties, and never the verdict. */
export function caseOf(row: Row, { name, classname, timestamp, seed, bytes, attachmentBase }: Place): JunitCase {
  const tries = row.attempts.length + 1;
  const own = {
    rig: row.rig,
    seed: String(seed),
    verdict: row.verdict,
    ...(tries > 1 && { attempts: String(tries) }),
    ...(row.flaky !== undefined && { flaky: row.flaky }),
  };
  const fixed = FRAME_BYTES + propertyBytes(own) + bytesOf(name, "attribute") + bytesOf(classname, "attribute");
  // One attachment is kept whatever else is cut.
  const [first] = row.attachments;
  const reserved = first === undefined ? 0 : attachmentBytes(attachmentBase + first.file);
  let left = Math.max(0, bytes - fixed - reserved);
  const properties = fittedProperties(row.properties, left / 3);
  left -= propertyBytes(properties);
  const result = resultOf(row, left / 3);
  const attempts = attemptsOf(row.attempts, left / 3);
  for (const { message, ...more } of [...(result === undefined ? [] : [result]), ...attempts])
    left -= bytesOf(message, "attribute") + ("text" in more ? bytesOf(more.text) : 0) + ATTEMPT_BYTES;
  return {
    ...{ name, classname, timestamp, ms: row.ms, properties: { ...properties, ...own }, result, attempts },
    ...outputOf(row, attachmentBase, Math.max(0, left) + reserved),
  };
}

const propertyBytes = (properties: Readonly<Record<string, string>>): number =>
  Object.entries(properties).reduce((sum, property) => sum + propertyCost(property), 0);

const propertyCost = ([name, value]: readonly [string, string]): number =>
  PROPERTY_BYTES + bytesOf(name, "attribute") + bytesOf(value, "attribute");

function fittedProperties(properties: Row["properties"], bytes: number): Row["properties"] {
  const kept: [string, string][] = [];
  let left = bytes;
  for (const [name, value] of Object.entries(properties)) {
    const property: [string, string] = [fittedText(name, left, "attribute"), fittedText(value, left, "attribute")];
    const cost = propertyCost(property);
    if (cost > left) continue;
    left -= cost;
    kept.push(property);
  }
  return Object.fromEntries(kept);
}

function resultOf(row: Row, bytes: number): JunitResult | undefined {
  const title = row.fault ? firstLine(row.fault.message) : (row.reason ?? row.verdict);
  const message = titleOf(row.verdict === "skipped" ? (row.reason ?? title) : title, bytes);
  const text = fittedText(textOf(row), bytes - bytesOf(message, "attribute"));
  switch (row.verdict) {
    case "passed":
      return undefined;
    case "skipped":
      return { kind: "skipped", message };
    case "failed":
      return { kind: "failure", type: row.fault?.code ?? "failed", message, text };
    case "broken":
      return { kind: "error", type: row.fault?.code ?? "broken", message, text };
    case "aborted":
      return { kind: "error", type: "aborted", message: titleOf(row.reason ?? title, bytes), text };
  }
}

/** One that is left blank is shown as none at all. */
const titleOf = (text: string, bytes: number): string =>
  fittedText(text.slice(0, MESSAGE_CHARS), Math.max(bytes / 2, LEAST_TITLE_BYTES), "attribute");
const LEAST_TITLE_BYTES = 80;

/** Jenkins knows no errors among attempts: a fault of ours is told by its type. */
function attemptsOf(attempts: readonly Attempt[], bytes: number): JunitAttempt[] {
  const most = Math.max(1, Math.floor(bytes / (ATTEMPT_BYTES + LEAST_TITLE_BYTES)));
  const each = bytes / Math.max(1, Math.min(most, attempts.length)) - ATTEMPT_BYTES;
  return attempts.slice(-most).map((attempt) => {
    const { verdict, reason, fault } = attempt;
    const message = titleOf(fault ? firstLine(fault.message) : (reason ?? verdict), each);
    const type = verdict === "broken" ? `rig.${fault?.code ?? verdict}` : (fault?.code ?? verdict);
    return { type, message, text: fittedText(textOf(attempt), each - bytesOf(message, "attribute")) };
  });
}

function textOf({ rig, fault, reason, ...more }: Attempt | Row): string {
  const lines = "steps" in more ? [] : [`rig: ${rig}`];
  if (reason !== undefined) lines.push(`reason: ${reason}`);
  if (fault) {
    lines.push(fault.message, `code: ${fault.code} (blame: ${fault.blame})`, `advice: ${fault.advice}`);
    lines.push(...(fault.diagnosis ?? []));
    if (fault.details && Object.keys(fault.details).length > 0) lines.push(`details: ${JSON.stringify(fault.details)}`);
  }
  if (fault?.at !== undefined) lines.push(`at: ${fault.at}`);
  const last = "steps" in more ? more.steps.findLast(({ ok }) => ok !== true) : undefined;
  if (last) lines.push(`step: ${last.step}`);
  return lines.join("\n");
}
