import { oneLine } from "../harness/base/clean.js";
import type { Measurement } from "../harness/base/events.js";
import { isWithin } from "./attachment.js";
import { bytesOf, fittedLines } from "./junit-size.js";
import type { JunitCase } from "./junit-xml.js";
import type { Row } from "./row.js";
import { firstLine } from "./text.js";

/** Jenkins keeps 500 characters at either end of a passed case's output; more would cut into what counts. */
const PASSED_OUTPUT_BYTES = 900;
/** And 50 000 at either end of any other's. */
const FAILED_OUTPUT_BYTES = 90_000;
const MOST_TROUBLES = 50;
const TROUBLE_CHARS = 500;

/** What a row says and attaches, on lines that people read, in so many bytes of the file. */
export function outputOf(row: Row, base: string, bytes: number): Pick<JunitCase, "systemOut" | "attachments"> {
  const room = Math.min(bytes, row.verdict === "passed" ? PASSED_OUTPUT_BYTES : FAILED_OUTPUT_BYTES);
  const readable = row.attachments.filter(({ file }) => isReadable(base, file)).map(({ file }) => base + file);
  const attachments: string[] = [];
  let left = room;
  for (const path of readable) {
    const cost = attachmentBytes(path);
    // One is kept even where it takes the room of all the lines.
    if (left - cost < (attachments.length === 0 ? 0 : room / 3)) break;
    left -= cost;
    attachments.push(path);
  }
  const unread = row.attachments
    .filter(({ file }) => !isReadable(base, file))
    .map(({ file }) => `attachment: ${oneLine(base + file)}`);
  const cut = readable.length - attachments.length;
  const more = cut === 0 ? [] : [`(${cut} more attachments in the run's folder)`];
  // What went wrong and was overcome comes first; most servers know of no attempts.
  const troubles = [...row.attempts.map(attempted), ...row.troubles.map((each) => `trouble: ${firstLine(each)}`)]
    .slice(0, MOST_TROUBLES)
    .map((each) => each.slice(0, TROUBLE_CHARS));
  return { systemOut: fittedLines([...more, ...troubles, ...factsOf(row), ...unread], left).join("\n"), attachments };
}

/** What the line of an attachment takes of the file. */
export const attachmentBytes = (path: string): number => bytesOf(`[[ATTACHMENT|${path}]]\n`);

/** A server takes what stands before the first `]]` for the path, and nothing that lies outside is a file of the run. */
const isReadable = (base: string, file: string): boolean =>
  isWithin(file) && oneLine(base) === base && !`${base}${file}]`.includes("]]");

function attempted({ rig, verdict, fault, reason }: Row["attempts"][number], index: number): string {
  const why = fault === undefined ? reason : `${fault.code}: ${fault.message}`;
  return firstLine(`attempt ${index + 1} on ${rig}: ${verdict}${why === undefined ? "" : `, ${why}`}`);
}

function factsOf(row: Row): string[] {
  const properties = Object.entries(row.properties).map(([name, value]) => `${name}=${value}`);
  return [
    ...(properties.length > 0 ? [properties.join(" ")] : []),
    ...(row.reason === undefined ? [] : [`reason: ${row.reason}`]),
    ...(row.fault ? [`advice: ${row.fault.advice}`] : []),
    ...row.measurements.map(measured),
    ...row.stages.map(
      ({ stage, ms, bytes }) => `stage ${stage}: ${ms.toFixed(1)} ms${bytes === undefined ? "" : `, ${bytes} bytes`}`,
    ),
    ...row.notes.map((note) => `note: ${note}`),
    // Behind a bar, so that no line of it is taken for one of ours.
    ...(row.output === undefined
      ? []
      : [
          "output:",
          ...row.output
            .trimEnd()
            .split("\n")
            .map((each) => `| ${each}`),
        ]),
  ];
}

function measured({ name, value, unit, min, max, ok }: Measurement): string {
  const limits = [...(min === undefined ? [] : [`min ${min}`]), ...(max === undefined ? [] : [`max ${max}`])];
  const held = limits.length > 0 ? ` (${limits.join(", ")}: ${ok ? "ok" : "outside"})` : "";
  return `measured ${name}: ${value} ${unit}${held}`;
}
