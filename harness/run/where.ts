import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { unfolded } from "../base/errors.js";

/** The files that scenarios came from, by their absolute paths: an error is told with the line of one of these. */
const files = new Set<string>();
/** Before any scenario can change it. */
const started = process.cwd();

export const isScenarioFile = (path: string): void => void files.add(path);

/** The first line of a scenario's own file on the way to an error: `mine/two-boots.ts:12:5`, from the folder of the run. */
export function scenarioLine(thrown: unknown): string | undefined {
  for (const error of unfolded(thrown)) {
    for (let each = error, depth = 0; each instanceof Error && depth < 8; each = each.cause, depth++) {
      const line = lineOf(typeof each.stack === "string" ? each.stack : "");
      if (line !== undefined) return line;
    }
  }
  return undefined;
}

/** Thrown by a file of this program, with no scenario's line on the way: that is a bug of ours. */
export function isOurs(error: unknown): boolean {
  if (!(error instanceof Error) || typeof error.stack !== "string" || scenarioLine(error) !== undefined) return false;
  const [first] = error.stack.split("\n").flatMap((frame) => pathOf(frame)?.path ?? []);
  return first?.startsWith(PROGRAM) === true;
}

/** The folder of this program's own rooms. */
const PROGRAM = fileURLToPath(new URL("..", import.meta.url));

function lineOf(stack: string): string | undefined {
  for (const frame of stack.split("\n")) {
    const place = pathOf(frame);
    if (place !== undefined && files.has(place.path)) return `${shown(place.path)}:${place.line}:${place.column}`;
  }
  return undefined;
}

function pathOf(frame: string) {
  const [, place = "", line, column] = /(?:^|[\s(])((?:file:\/\/|\/).+?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
  if (place === "") return undefined;
  return { path: place.startsWith("file:") ? fileURLToPath(place.replace(/\?.*$/, "")) : place, line, column };
}

function shown(path: string): string {
  const way = relative(started, path);
  return way.startsWith("..") || isAbsolute(way) ? path : way;
}
