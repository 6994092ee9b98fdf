import { closeSync, fstatSync, readSync } from "node:fs";
import { extname } from "node:path";
import { parseTrace, type Trace } from "../../harness/trace/read.js";
import { isWithin } from "../attachment.js";
import { contentTypeOf } from "../content-type.js";
import { openWithin } from "../merge-files.js";

/** The files of a run's folder, as far as a page needs them. */
export interface PageFiles {
  /** Whether a plain file lies there, with no link on the way. */
  has(file: string): boolean;
  /** The trace in `file`, or why there is none to show. */
  trace(file: string): Trace | { readonly why: string };
}

/** For a run whose folder is not at hand. */
export const NO_FILES: PageFiles = { has: () => false, trace: () => ({ why: "the run's folder is not at hand" }) };

/** A trace of one case that is longer is not drawn: it says the same a thousand times, or is no trace. */
const MOST_TRACE_BYTES = 12 * 1024 * 1024;
/** So much is read for one page: some hundred flashes of T01, two seconds. */
const MOST_PAGE_BYTES = 96 * 1024 * 1024;

/** The files in the folder of a run; nothing outside of it is opened, whatever its journal names. */
export function filesIn(folder: string): PageFiles {
  let leftBytes = MOST_PAGE_BYTES;
  return {
    has: (file) => {
      if (!isWithin(file)) return false;
      const opened = openWithin(folder, file);
      if ("why" in opened) return false;
      closeSync(opened.fd);
      return true;
    },
    trace: (file) => {
      if (!isWithin(file)) return { why: "it is not in the run's folder" };
      const opened = openWithin(folder, file);
      if ("why" in opened) return { why: "it is not there any more" };
      try {
        const { size } = fstatSync(opened.fd);
        if (size > MOST_TRACE_BYTES) return { why: `its ${size} bytes are too many for a page` };
        if (size > leftBytes) return { why: "traces of other cases take the room that there is on one page" };
        leftBytes -= size;
        return parseTrace(readAll(opened.fd, size), file);
      } catch (error) {
        return { why: error instanceof Error ? error.message : String(error) };
      } finally {
        closeSync(opened.fd);
      }
    },
  };
}

function readAll(fd: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let at = 0;
  for (let got = -1; got !== 0 && at < size; at += got) got = readSync(fd, bytes, at, size - at, at);
  return bytes.subarray(0, at);
}

/** Of what nobody knows the type these are at least not run by a browser. */
const HARMLESS = [".bin", ".img", ".xz", ".gz", ".zip"];

/** Whether a browser that is led to `file` shows or keeps it, and never runs it. */
const isHarmless = (file: string): boolean =>
  contentTypeOf(file) !== "application/octet-stream" || HARMLESS.includes(extname(file).toLowerCase());

/** The address of an attachment, relative to the page; `undefined` where none may lead there, or nothing is. */
export function linkTo(file: string, files: PageFiles): string | undefined {
  if (!isWithin(file) || !isHarmless(file) || !files.has(file)) return undefined;
  return `./${file.split("/").map(encodeURIComponent).join("/")}`;
}
