import { createRequire } from "node:module";
import { HarnessError } from "../base/errors.js";

type Koffi = typeof import("koffi");
type Library = ReturnType<Koffi["load"]>;

/** Which library, what it is called when it is missing, and what to do then. */
interface Wanted {
  readonly file: string;
  readonly expected: string;
  readonly advice: string;
}

/**
 * The functions of a shared library. koffi, which is native itself, is loaded here and nowhere else.
 *
 * @throws HarnessError DRIVER_MISSING when the library or a function is not there.
 */
export function openLibrary<T>({ file, expected, advice }: Wanted, make: (library: Library, koffi: Koffi) => T): T {
  try {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    return make(koffi.load(file), koffi);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError("DRIVER_MISSING", `${file}: expected ${expected}, got: ${reason}`, { cause, advice });
  }
}

/** Functions of glibc, opened at the first call and kept. `advice`: what of ours needs them. */
export function glibc<T>(advice: string, make: (library: Library, koffi: Koffi) => T): () => T {
  let loaded: T | undefined;
  return () => {
    loaded ??= openLibrary({ file: "libc.so.6", expected: "glibc", advice }, make);
    return loaded;
  };
}
