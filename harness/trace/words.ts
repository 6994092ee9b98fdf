import { hex, hexNumber } from "../base/hex.js";
import { FIRST_CHUNK } from "../protocol/commands.js";
import type { Answer, Exchange } from "./exchanges.js";
import type { Event } from "./timeline.js";

type Values = Readonly<Record<string, number | Uint8Array>>;

/** Numbers of these fields are addresses, or bits. */
const HEX: readonly string[] = ["address", "first", "last", "word", "command", "value", "crc"];
const NAMES = { boot: "BOOT", chipEn: "CHIP_EN", power: "power" } as const;

/** What was asked, in words. */
export function askedOf(exchange: Exchange): string {
  switch (exchange.kind) {
    case "burst":
      return `burst of ${exchange.sent.length} x 0x55`;
    case "command":
      return [exchange.name, exchange.values ? valuesOf(exchange.values) : hex(exchange.sent)].join(" ").trim();
    case "boot":
      return exchange.start === "rom" ? "start of the boot ROM" : "start of the application";
    case "raw":
      return `${hex(exchange.sent)}, which is no command`;
    case "heard":
      return "unasked for";
  }
}

/** What came of it, in words. */
export function answeredOf(exchange: Exchange): string {
  const { received, durationMs } = exchange;
  if (exchange.kind === "command") {
    const { pendings, behind } = exchange;
    const before = pendings > 0 && exchange.answer.kind !== "pending" ? `PD x${pendings}, ` : "";
    const after = behind.length > 0 ? `; behind it ${hex(behind)}` : "";
    return `${before}${answerOf(exchange.answer, received, durationMs)}${after}`;
  }
  if (exchange.kind === "burst" && exchange.answer.kind === "ok" && exchange.answer.data.length > 0)
    return `boot2 answers ${JSON.stringify(Buffer.from(received).toString("latin1").trim())}`;
  if (exchange.kind === "burst") return answerOf(exchange.answer, received, durationMs);
  if (received.length === 0) return "nothing";
  return exchange.kind === "boot" ? `${received.length} bytes of text` : hex(received);
}

function answerOf(answer: Answer, received: Uint8Array, durationMs: number): string {
  switch (answer.kind) {
    case "ok":
      return answer.data.length === 0 ? "OK" : `OK ${hex(answer.data)}`;
    case "refused":
      return answer.text;
    case "pending":
      return "PD, and nothing after it";
    case "silence":
      return `silence for ${ms(durationMs)}`;
    case "malformed":
      return `${hex(received)}, which is no answer`;
  }
}

const valuesOf = (values: Values): string =>
  Object.entries(values)
    .filter(([, value]) => typeof value === "number" || value.length > 0)
    .map(([name, value]) => `${name} ${typeof value === "number" ? numberOf(name, value) : bytesOf(value)}`)
    .join(", ");

const numberOf = (name: string, value: number): string => (HEX.includes(name) ? hexNumber(value) : `${value}`);
const bytesOf = (value: Uint8Array): string => (value.length > 16 ? `${value.length} bytes` : hex(value));

/** Where a command goes: without the mark of a first chunk. */
export function addressIn(values: Values | undefined): number | undefined {
  const address = values?.["address"];
  return typeof address === "number" ? (address & ~FIRST_CHUNK) >>> 0 : undefined;
}

/** A line, a rate, a mark or a note in words. */
export function eventText(event: Event): string {
  switch (event.type) {
    case "line":
      return `${NAMES[event.line]} ${event.asserted ? "asserted" : "released"}`;
    case "ready":
      return `SPI_RDY ${event.asserted ? "asserted" : "released"}`;
    case "baud":
      return `the line at ${event.baud} Bd`;
    case "begin":
      return `${event.what} ${event.name}`;
    case "end":
      return `end of ${event.what} ${event.name}`;
    case "note":
      return `note: ${event.text}`;
    case "closed":
      return "end of the trace";
  }
}

/** Milliseconds as people read them. */
export const ms = (value: number): string => `${value >= 100 ? Math.round(value) : Number(value.toFixed(3))} ms`;
