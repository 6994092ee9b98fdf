import { fstatSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { HarnessError } from "../../base/errors.js";
import { told } from "../../base/files.js";
import { reasonOf } from "../../base/unwritable.js";

/** One of the process's own. */
type Stream = Writable & { readonly fd: number; readonly isTTY?: boolean };

/**
 * A stream that fails stops no work: what it does not take is dropped. Nobody listening would make each failure an
 * uncaught error, and telling that one on the same stream the next.
 *
 * @returns what is told of `output` in the end: that its document is lost. A reader who has gone (`| head`, a terminal
 * that was closed) wanted no more of it.
 */
export function dropFailures(output: Stream, people: Stream): () => HarnessError | undefined {
  let failure: HarnessError | undefined;
  people.on("error", () => undefined);
  output.on("error", (cause: NodeJS.ErrnoException) => {
    if (cause.code === "EPIPE" || output.isTTY === true) return;
    failure ??= new HarnessError("FILE_UNWRITABLE", `standard output: cannot be written: ${reasonOf(cause)}`, {
      cause,
      advice: "What was to be read there is lost: give it a file, on a disk with room, and start again.",
    });
  });
  if (told(() => fstatSync(output.fd).isFile())) writeInFull(output);
  return () => failure;
}

/** Node takes what a disk that is nearly full took of a document for the whole of it. */
function writeInFull(output: Stream): void {
  output._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(output.fd, chunk, at);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}
