import { createHash } from "node:crypto";
import { shownName } from "./junit-xml.js";

/** Azure takes no longer ones. */
const NAME_CHARS = 512;
const HASH_CHARS = 8;

/** `name` as servers take it: on one line, and as long as all of them bear, a longer one told apart by a hash of it. */
export function fittedName(name: string): string {
  const whole = shownName(name);
  if (whole.trim() === "") return `(${JSON.stringify(whole)})`;
  if (whole.length <= NAME_CHARS) return whole;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_CHARS);
  // Half a character would be written out, longer than it was.
  const head = whole.slice(0, NAME_CHARS - HASH_CHARS - 2).replace(/[\ud800-\udbff]$/, "");
  return `${head}… ${hash}`;
}

/** Names of one suite. GitLab drops the second case of a name: what bears one that is taken is numbered. */
export class Names {
  readonly #taken = new Set<string>();

  take(name: string): string {
    const fitted = fittedName(name);
    let free = fitted;
    for (let count = 2; this.#taken.has(free); count++) {
      const number = ` #${count}`;
      free = fitted.slice(0, NAME_CHARS - number.length) + number;
    }
    this.#taken.add(free);
    return free;
  }
}
