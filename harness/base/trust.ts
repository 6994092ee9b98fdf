import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type ErrorCode, HarnessError } from "./errors.js";
import { told } from "./files.js";

const GROUP_WRITES = 0o020;
const EVERYBODY_WRITES = 0o002;
/** In such a folder nobody removes or renames another's. */
const STICKY = 0o1000;

/** Whose hands count as ours. */
export interface Hands {
  readonly root: boolean;
  readonly owners: readonly number[];
}

/**
 * Root; us; whoever called sudo, when we are root by it; and the owner of this program, whose code we run already.
 * `undefined` on a system without such users.
 */
export function ourHands(): Hands | undefined {
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  const caller = process.env["SUDO_UID"];
  const called = uid === 0 && caller !== undefined && /^\d+$/.test(caller) ? [Number(caller)] : [];
  // By its folder, which is there for the types alone where the code is in a bundle.
  const program = told(() => statSync(fileURLToPath(new URL(".", import.meta.url))).uid);
  return { root: uid === 0, owners: [0, uid, ...called, ...(program === undefined ? [] : [program])] };
}

/** Whether what belongs to `uid` is in nobody's hands but ours. */
export const isOurs = (uid: number, hands = ourHands()): boolean => hands === undefined || hands.owners.includes(uid);

/** A file or folder that somebody else may write, why, and what ends that. */
interface Foreign {
  readonly path: string;
  readonly why: string;
  readonly cure: string;
}

/**
 * The first of `file` and the folders above it, links followed, that a stranger may write: it belongs to another user who
 * is not root, or everybody may write it, but for folders like /tmp, where nobody changes another's files. A group that
 * may write is taken for colleagues, unless we are root: then one of them would become root.
 */
function foreignOn(file: string, hands: Hands | undefined): Foreign | undefined {
  if (hands === undefined) return undefined;
  const real = told(() => realpathSync(file));
  // Nothing there that could be read.
  if (real === undefined) return undefined;
  for (const start of new Set([real, realpathSync(dirname(file))])) {
    for (let path = start, last = ""; path !== last; last = path, path = dirname(path)) {
      const found = foreign(path, statSync(path), hands);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function foreign(path: string, stats: Stats, hands: Hands): Foreign | undefined {
  const { uid, gid, mode } = stats;
  const name = JSON.stringify(path);
  if (!isOurs(uid, hands))
    return { path, why: `belongs to another user (uid ${uid})`, cure: `sudo chown root ${name}` };
  if (stats.isDirectory() && (mode & STICKY) !== 0) return undefined;
  if ((mode & EVERYBODY_WRITES) !== 0) return { path, why: "can be written by everybody", cure: `chmod o-w ${name}` };
  if (hands.root && gid !== 0 && (mode & GROUP_WRITES) !== 0)
    return { path, why: `can be written by a group (gid ${gid}), and this is root`, cure: `chmod g-w ${name}` };
  return undefined;
}

/**
 * For a file that says what this process does.
 *
 * @throws HarnessError `code` when a stranger may have written it.
 */
export function refuseForeign(file: string, code: ErrorCode, hands = ourHands()): void {
  const found = foreignOn(file, hands);
  if (found === undefined) return;
  throw new HarnessError(code, `${file}: not read: ${found.path} ${found.why}`, {
    advice: `If you trust what is there: \`${found.cure}\`; else use a file in a folder that nobody else can write.`,
    details: { file, path: found.path },
  });
}
