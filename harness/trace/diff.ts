import { exchangesOf } from "./conversation.js";
import type { Exchange } from "./exchanges.js";
import type { Trace } from "./read.js";
import { answeredOf, askedOf } from "./words.js";

/** Where two traces part: the number of the exchange, from 1 on, and what each has there. */
export interface Divergence {
  readonly exchange: number;
  readonly what: string;
  readonly a: Side | undefined;
  readonly b: Side | undefined;
}

/** `undefined` in a divergence: the trace has ended. */
interface Side {
  readonly atMs: number;
  readonly text: string;
}

/**
 * The first exchange that differs by what was asked, at which rate, or what was answered; times do not count, nor does how
 * often 0x55 was sent.
 *
 * @returns `undefined` when both tell the same; and how many exchanges were the same.
 */
export function divergence(a: Trace, b: Trace): { readonly same: number; readonly found: Divergence | undefined } {
  const [ours, others] = [exchangesOf(a.records), exchangesOf(b.records)];
  for (let index = 0; index < Math.max(ours.length, others.length); index++) {
    const [one, other] = [ours[index], others[index]];
    const what = differenceOf(one, other);
    if (what === undefined) continue;
    return { same: index, found: { exchange: index + 1, what, a: sideOf(one), b: sideOf(other) } };
  }
  return { same: ours.length, found: undefined };
}

const sideOf = (exchange: Exchange | undefined): Side | undefined =>
  exchange && { atMs: exchange.atMs, text: `${askedOf(exchange)}: ${answeredOf(exchange)}` };

function differenceOf(a: Exchange | undefined, b: Exchange | undefined): string | undefined {
  if (a === undefined || b === undefined) return "one of them ends here";
  if (a.kind !== b.kind) return "something else was done";
  if (a.kind === "command" && b.kind === "command" && a.name !== b.name) return "another command was sent";
  if (a.baud !== b.baud) return `the line stood at ${a.baud} and at ${b.baud} Bd`;
  if (a.kind === "boot" && b.kind === "boot" && a.start !== b.start) return "BOOT was different";
  const sent = a.kind === "burst" ? undefined : unequalAt(a.sent, b.sent);
  if (sent !== undefined) return `what was sent differs from its byte ${sent} on`;
  const received = unequalAt(a.received, b.received);
  return received === undefined ? undefined : `what came differs from its byte ${received} on`;
}

/** From 0 on; `undefined`: they are the same. */
export function unequalAt(a: Uint8Array, b: Uint8Array): number | undefined {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? undefined : shorter;
}
