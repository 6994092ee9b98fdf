import { extname } from "node:path";

/** None of them is one that a viewer runs: what a module or a scenario wrote must not become a page. */
const TYPES: Readonly<Record<string, string>> = {
  ".txt": "text/plain",
  ".log": "text/plain",
  ".vcd": "text/plain",
  ".csv": "text/csv",
  ".json": "application/json",
  ".jsonl": "application/x-ndjson",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
};

/** The media type of an attachment, by the end of its name. */
export const contentTypeOf = (file: string): string => TYPES[extname(file).toLowerCase()] ?? "application/octet-stream";
