import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { HarnessError } from "../base/errors.js";

/** The variable that may name a server with its password: argument lists can be read by everybody on the machine. */
export const REDIS_VARIABLE = "ST67_HIL_REDIS";

/** Where Redis is. */
export interface RedisPlace {
  /** As people may see it: without user and password. */
  readonly shown: string;
  readonly options: {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly db?: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: ConnectionOptions;
  };
}

const FORMS = "redis://HOST:PORT/DB, rediss://HOST:PORT/DB or unix:PATH";

/**
 * Reads `redis://USER:PASSWORD@HOST:PORT/DB`, `rediss://...` or `unix:PATH`.
 *
 * @param given of `--redis`; where it is missing or empty the environment counts, which alone may hold a password.
 * @throws HarnessError USAGE, with nothing of what was read: any part of it may be of a password.
 */
export function redisPlace(given: string | undefined, env: NodeJS.ProcessEnv = process.env): RedisPlace {
  const isGiven = given !== undefined && given !== "";
  const text = isGiven ? given : (env[REDIS_VARIABLE] ?? "");
  const name = isGiven ? "--redis" : REDIS_VARIABLE;
  if (text === "")
    throw new HarnessError("USAGE", `--redis is missing, and so is ${REDIS_VARIABLE}: expected ${FORMS}`);
  // What reads URLs leaves some of these out without a word, and they would be missing in a password.
  if (/[\p{Cc}\p{Cs}]|^ | $/u.test(text))
    throw usage(name, "expected a URL on one line, without blanks around it or control characters");
  if (text.startsWith("unix:")) return unixPlace(text.slice("unix:".length), name);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "" || url.port === "0")
    throw usage(
      name,
      `expected ${FORMS}`,
      `In a user or a password each of / ? # @ : % is written as %2F and the like.`,
    );
  if (isGiven && url.password !== "")
    throw usage(
      name,
      `a URL with a password is taken from ${REDIS_VARIABLE} alone`,
      `Others on this machine can read your arguments: set ${REDIS_VARIABLE}, and leave --redis out.`,
    );
  return urlPlace(url, name);
}

function urlPlace(url: URL, name: string): RedisPlace {
  const { protocol, hostname, username, password } = url;
  const db = /^\/?(\d{1,5})?$/.exec(url.pathname);
  if (db === null || url.search !== "" || url.hash !== "")
    throw usage(name, "expected nothing behind host and port but the number of a database");
  const [port, number] = [Number(url.port || "6379"), Number(db[1] ?? "0")];
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    shown: `${protocol}//${hostname}:${port}${number === 0 ? "" : `/${number}`}`,
    options: {
      host,
      port,
      db: number,
      ...(username !== "" && { username: decoded(username, name) }),
      ...(password !== "" && { password: decoded(password, name) }),
      // A certificate is asked for by a name: TLS knows no addresses there, and node warns of them.
      ...(protocol === "rediss:" && { tls: isIP(host) === 0 ? { servername: host } : {} }),
    },
  };
}

function unixPlace(given: string, name: string): RedisPlace {
  // As other programs write it; what stands between the slashes there is a user and a password.
  const path = given.replace(/^\/\/(?=\/)/, "");
  if (!/^\/[^/?][^?]*$/.test(path))
    throw usage(name, "expected an absolute path behind unix:, and neither host, user nor options with it");
  return { shown: `unix:${path}`, options: { path } };
}

function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw usage(name, "a % in user or password is not followed by the code of a character", "Write % itself as %25.");
  }
}

const usage = (name: string, what: string, advice?: string): HarnessError =>
  new HarnessError("USAGE", `${name}: ${what}`, advice === undefined ? {} : { advice });
