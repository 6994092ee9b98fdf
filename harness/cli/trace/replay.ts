import { HarnessError } from "../../base/errors.js";
import { hex } from "../../base/hex.js";
import { unequalAt } from "../../trace/diff.js";
import type { Exchange } from "../../trace/exchanges.js";
import { answeredOf, askedOf } from "../../trace/words.js";

/** What a replay came to. */
export interface Replayed {
  readonly commands: number;
  readonly bursts: number;
  /** Writes that were passed over: a stream of 0x55 for boot2, and what no session of ours sends. */
  readonly passedOver: number;
  /** Starts of the application, whose text was compared where the simulator answered. */
  readonly boots: number;
}

const SHOWN_BYTES = 8;

/**
 * Holds what came against what was recorded.
 *
 * @param number of the exchange, from 1 on. @param who said or would say `found`.
 * @throws HarnessError TRACE_DIFFERS with the first byte that differs.
 */
export function refuseDifferent(
  exchange: Exchange,
  number: number,
  { who, expected, found }: { readonly who: string; readonly expected: Uint8Array; readonly found: Uint8Array },
): void {
  const offset = unequalAt(expected, found);
  if (offset === undefined) return;
  const at = (bytes: Uint8Array) => hex(bytes.subarray(offset, offset + SHOWN_BYTES)) || "the end";
  throw differs(
    exchange,
    number,
    `${who}, byte ${offset} of ${expected.length}: expected ${at(expected)}, found ${at(found)}`,
    { offset, expected: at(expected), found: at(found) },
  );
}

export function differs(exchange: Exchange, number: number, what: string, details: object = {}): HarnessError {
  const command = exchange.kind === "command" ? exchange.name : exchange.kind;
  return new HarnessError(
    "TRACE_DIFFERS",
    `exchange ${number} at ${exchange.atMs.toFixed(3)} ms, ${askedOf(exchange)}: ${what}`,
    { details: { exchange: number, command, recorded: answeredOf(exchange), ...details } },
  );
}
