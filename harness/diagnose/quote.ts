import { hex } from "../base/hex.js";
import { statusText } from "../protocol/status.js";
import type { Exchange } from "../trace/exchanges.js";

/** An exchange in a line, as evidence. */
export function quoteOf(exchange: Exchange): string {
  const { kind, baud, atMs, durationMs, received } = exchange;
  const asked = kind === "command" ? exchange.name : kind;
  const answer = kind === "command" || kind === "burst" ? told(exchange) : hex(received);
  return `${(atMs / 1000).toFixed(3)} s, ${baud} Bd: ${asked}: ${answer} (${Math.round(durationMs * 10) / 10} ms)`;
}

function told({ answer, received }: Extract<Exchange, { kind: "command" | "burst" }>): string {
  if (answer.kind === "refused") return statusText(answer.status);
  return answer.kind === "ok" ? "OK" : answer.kind === "silence" ? "silence" : `${answer.kind}: ${hex(received)}`;
}
