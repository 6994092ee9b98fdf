import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** A folder of ours in the user's cache, by the rules of freedesktop.org. It may not be there, or not be writable. */
export function cacheFolder(name: string): string {
  const { XDG_CACHE_HOME: given = "" } = process.env;
  return join(isAbsolute(given) ? given : join(homedir(), ".cache"), "st67-hil", name);
}
