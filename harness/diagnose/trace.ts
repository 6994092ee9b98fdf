import { hex } from "../base/hex.js";
import type { CommandName } from "../protocol/commands.js";
import { statusText } from "../protocol/status.js";
import { exchangesOf } from "../trace/conversation.js";
import type { Exchange } from "../trace/exchanges.js";
import type { Trace } from "../trace/read.js";
import type { TraceRecord } from "../trace/record.js";
import type { Evidence, Fact, Stage } from "./evidence.js";

type Command = Extract<Exchange, { kind: "command" }>;

/** What is not here is asked beside the way: it may be refused, or not known, and all goes on. */
const STAGE_OF: Partial<Record<CommandName, Stage>> = {
  getBootInfo: "boot-info",
  clockSet: "clock-set",
  flashSetPara: "set-para",
  flashReadJedec: "jedec",
  flashErase: "erase",
  flashChipErase: "erase",
  flashWrite: "write",
  flashDecompressWrite: "write",
  flashWriteCheck: "write-check",
  flashReadSha: "verify",
  flashXipReadSha: "verify",
  flashRead: "read",
  efuseWrite: "efuse",
};
const COMPARED = /^(?:verify|read back) /;

/** What a trace of ours states: the same facts as a log, by exchange instead of by line. */
export function evidenceOfTrace({ records, isCut }: Trace): Evidence[] {
  const exchanges = exchangesOf(records);
  const marks = stagesIn(records);
  const tooFast = isTooFast(exchanges);
  const isOfTheEnd = ({ stage, name }: Command) =>
    marks.open === undefined ? tooFast && SETS_RATE.includes(name) : stage === marks.open;
  const files = new Set<string>();
  const found = exchanges.flatMap((exchange, at): Evidence[] => {
    const place = { line: at + 1, quote: quoteOf(exchange) };
    const { atMs, durationMs } = exchange;
    return factsOf(exchange, marks.ended, files).map((fact) => ({
      ...fact,
      ...place,
      atMs: fact.type === "done" ? atMs + durationMs : atMs,
    }));
  });
  const failing = exchanges.findLastIndex((one) => isCommand(one) && !isAnswered(one) && isOfTheEnd(one));
  const last = { line: exchanges.length, quote: "the end of the trace", atMs: exchanges.at(-1)?.atMs ?? 0 };
  const start: Evidence = { type: "start", step: 0, line: 1, quote: "the beginning of the trace", atMs: 0 };
  // A foreign program's commands say nothing of whether it was satisfied.
  if (isCut || !marks.any) return [start, ...found];
  const compared = marks.open !== undefined && COMPARED.test(marks.open) && isAnswered(exchanges.findLast(isCommand));
  const mismatch: Evidence[] = compared
    ? [{ type: "mismatch", ...last, quote: `${marks.open}: not what was to be there` }]
    : [];
  const ok = marks.open === undefined && isAnswered(exchanges.findLast(isCommand)) && !tooFast;
  // What is asked to find out more stands behind what failed.
  const again = found.filter(({ line }) => line === failing + 1);
  return [start, ...found, ...again, ...mismatch, { type: "end", ok, ...last }];
}

const isCommand = (exchange: Exchange): exchange is Command => exchange.kind === "command";
const isAnswered = (command: Command | undefined): boolean => command?.answer.kind === "ok";

/** Set-para is the first that is asked at a new rate, and clock-set asks for one. */
const SETS_RATE: readonly CommandName[] = ["clockSet", "flashSetPara"];

/** No set-para was answered at the rate that was asked for: the ladder has found out that another one works, and given up. */
function isTooFast(exchanges: readonly Exchange[]): boolean {
  const asked = exchanges.filter(isCommand).filter(({ name }) => SETS_RATE.includes(name));
  const rates = asked.map(({ name, values, baud }) => (name === "clockSet" ? Number(values?.["baud"] ?? 0) : baud));
  const wanted = Math.max(...rates);
  return (
    asked.length > 0 && !asked.some((one) => one.name === "flashSetPara" && one.baud === wanted && isAnswered(one))
  );
}

interface Stages {
  readonly any: boolean;
  readonly ended: ReadonlySet<string>;
  /** Begun last, and never ended: what failed in it says so nowhere else. */
  readonly open: string | undefined;
}

function stagesIn(records: readonly TraceRecord[]): Stages {
  const ended = new Set<string>();
  let open: string | undefined;
  let any = false;
  for (const record of records) {
    if ((record.type !== "begin" && record.type !== "end") || record.what !== "stage") continue;
    any = true;
    open = record.type === "begin" ? record.name : undefined;
    if (record.type === "end") ended.add(record.name);
    else ended.delete(record.name);
  }
  return { any, ended, open };
}

function factsOf(exchange: Exchange, ended: ReadonlySet<string>, files: Set<string>): Fact[] {
  const bytes = Buffer.from(exchange.received).toString("hex");
  const rate: Fact = { type: "rate", baud: exchange.baud };
  if (exchange.kind === "burst") {
    const heard: Fact[] = [
      { type: "stage", stage: "handshake" },
      { type: "heard", bytes },
    ];
    return exchange.answer.kind === "ok" ? [rate, ...heard, { type: "done", stage: "handshake" }] : [rate, ...heard];
  }
  if (exchange.kind === "heard") return bytes === "" ? [] : [{ type: "heard", bytes }];
  if (exchange.kind !== "command") return [];
  const stage = STAGE_OF[exchange.name];
  return stage === undefined ? [] : [rate, ...begun(exchange, stage, files), ...answered(exchange, stage, ended)];
}

function begun({ stage: name = "" }: Command, stage: Stage, files: Set<string>): Fact[] {
  if (stage !== "write" || files.has(name)) return [{ type: "stage", stage }];
  files.add(name);
  return [
    { type: "file", index: files.size - 1 },
    { type: "stage", stage },
  ];
}

function answered(exchange: Command, stage: Stage, ended: ReadonlySet<string>): Fact[] {
  const { answer, durationMs: ms, received, behind, stage: name = "", values } = exchange;
  switch (answer.kind) {
    case "refused":
      return [{ type: "refused", status: answer.status }];
    case "ok":
      break;
    default:
      return [{ type: "heard", bytes: Buffer.from(received).toString("hex") }];
  }
  const data = Buffer.from(answer.data).toString("hex");
  // A write that is acknowledged early fails behind its OK.
  const late = Buffer.from(behind);
  if (late.length === 4 && late.toString("latin1", 0, 2) === "FL")
    return [{ type: "refused", status: late.readUInt16LE(2) }];
  switch (stage) {
    case "boot-info":
      return [
        { type: "boot-info", bytes: data },
        { type: "done", stage, ms },
      ];
    case "jedec":
      return [
        { type: "data", bytes: data },
        { type: "done", stage, ms },
      ];
    case "write": {
      const done = Number(values?.["address"] ?? 0) % 0x8000_0000;
      return [{ type: "chunk", done, total: 0 }];
    }
    case "write-check":
      return [{ type: "done", stage: "write" }];
    case "verify":
      return COMPARED.test(name) && ended.has(name) ? [{ type: "done", stage, ms }] : [];
    default:
      return [{ type: "done", stage, ms }];
  }
}

function quoteOf(exchange: Exchange): string {
  const { kind, baud, atMs, durationMs, received } = exchange;
  const asked = kind === "command" ? exchange.name : kind;
  const answer = kind === "command" || kind === "burst" ? told(exchange) : hex(received);
  return `${(atMs / 1000).toFixed(3)} s, ${baud} Bd: ${asked}: ${answer} (${Math.round(durationMs * 10) / 10} ms)`;
}

function told({ answer, received }: Extract<Exchange, { kind: "command" | "burst" }>): string {
  if (answer.kind === "refused") return statusText(answer.status);
  return answer.kind === "ok" ? "OK" : answer.kind === "silence" ? "silence" : `${answer.kind}: ${hex(received)}`;
}
