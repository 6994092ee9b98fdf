import { types } from "node:util";
import { oneLine } from "../base/clean.js";
import { HarnessError } from "../base/errors.js";
import { REDIS_VARIABLE, type RedisPlace } from "./place.js";

/** What stands where a password was. */
const HIDDEN = "***";

/**
 * What went wrong with a connection, on one line. A server that does not know AUTH or HELLO answers with what it was
 * sent, cut anywhere: nothing of that is told.
 */
export function troubleOf(thrown: unknown, { options: { password = "" } }: RedisPlace): string {
  const [text = ""] = textOf(thrown).split(/,? with args beginning with/i);
  return oneLine(password === "" ? text : text.replaceAll(password, HIDDEN)).trim();
}

/** Of a command that the server, or the client in its place, has refused; what else was thrown as it is. */
export function asUnusable(thrown: unknown): unknown {
  const isOfRedis =
    types.isNativeError(thrown) && (thrown.name === "ReplyError" || thrown.message === "Connection is closed.");
  if (!isOfRedis) return thrown;
  const [text = ""] = thrown.message.split(/,? with args beginning with| script: /i);
  const told = oneLine(text).trim();
  const advice = adviceFor(told);
  // Not as its cause: beside it ioredis puts what it was sent.
  return new HarnessError("REDIS_UNUSABLE", `the farm's server: ${told}`, advice === undefined ? {} : { advice });
}

/** What a server answers that is full, only read or not up yet: it may take the same a moment later. */
const PASSING = /\b(OOM|READONLY|LOADING|MISCONF|BUSY|MASTERDOWN|CLUSTERDOWN|NOREPLICAS|TRYAGAIN)\b/;

export const isPassing = (thrown: unknown): boolean => types.isNativeError(thrown) && PASSING.test(thrown.message);

function textOf(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return String(thrown);
  const { code = "", reason = "", errors } = thrown as { code?: string; reason?: string; errors?: readonly unknown[] };
  if (code.startsWith("ERR_SSL_")) return `TLS: ${reason || code}`;
  const [, type] = /^Unknown RESP type \d+ (".*")/s.exec(thrown.message) ?? [];
  if (type !== undefined) return `no Redis: the answer begins with ${type}`;
  // Of a name with several addresses each has its own error, and the whole may have no message.
  if (errors !== undefined) return errors.map(textOf).join("; ");
  return thrown.message || code || thrown.name;
}

/** What to do about it, where the trouble tells; `undefined` where the table of errors knows as much. */
export function adviceFor(trouble: string): string | undefined {
  if (/^(NOAUTH|WRONGPASS)/.test(trouble))
    return `Put the user and the password into ${REDIS_VARIABLE}: redis://USER:PASSWORD@HOST:PORT, each with % where the URL needs it.`;
  if (trouble.startsWith("NOPERM"))
    return "Allow this user the command: the ACL of a farm stands in its documentation.";
  if (/^TLS|certificate/i.test(trouble))
    return "rediss: is TLS, redis: is without; an authority of your own is told to node by NODE_EXTRA_CA_CERTS=FILE.";
  if (/ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/.test(trouble))
    return "Start the server, and check its name, its port or the path of its socket.";
  return undefined;
}
