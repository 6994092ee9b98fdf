import { isAbsolute, normalize } from "node:path";
import { oneLine } from "../harness/base/clean.js";

/** Whether `file` of an attachment is the path of a file in the run's folder: a journal may come from anywhere. */
export function isWithin(file: string): boolean {
  const way = normalize(file);
  const leaves = isAbsolute(way) || way === ".." || way.startsWith("../");
  return !leaves && way !== "." && !way.endsWith("/") && oneLine(file) === file;
}
