import type { CommandName } from "../protocol/commands.js";
import { exchangesOf } from "../trace/conversation.js";
import type { Exchange } from "../trace/exchanges.js";
import type { Trace } from "../trace/read.js";
import type { TraceRecord } from "../trace/record.js";
import { type Evidence, isOf, type Stage } from "./evidence.js";
import { COMPARED, type Command, factsOf } from "./exchange-facts.js";
import { evidenceOfLog } from "./log.js";
import { quoteOf } from "./quote.js";

/** What a trace of ours states: the same facts as a log, by exchange instead of by line. */
export function evidenceOfTrace({ records, isCut }: Pick<Trace, "records" | "isCut">): Evidence[] {
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
  const command = exchanges.findLast(isCommand);
  const isWell = command === undefined || isAnswered(command);
  const compared = marks.open !== undefined && COMPARED.test(marks.open) && isWell;
  const mismatch: Evidence[] = compared
    ? [{ type: "mismatch", ...last, quote: `${marks.open}: not what was to be there` }]
    : [];
  const ok = marks.open === undefined && isWell && !tooFast;
  // An answer to a question changes nothing: whether the host liked it is not in a trace.
  if (ok && !found.some(({ type, ...one }) => type === "file" || ("stage" in one && CHANGES.includes(one.stage))))
    return [start, ...found];
  // What is asked to find out more stands behind what failed.
  const again = found.filter(({ line }) => line === failing + 1);
  const boot = exchanges.findLast((one) => one.kind === "boot" && one.start === "application");
  const refused = boot?.kind === "boot" ? evidenceOfLog(boot.text).filter(isOf("boot2")) : [];
  if (ok && boot !== undefined && refused.length === 0 && !marks.ended.has("boot"))
    return [start, ...found, { type: "stage", stage: "boot", ...last, quote: quoteOf(boot) }];
  const behind = refused.map((one): Evidence => ({ ...one, line: last.line + 1, atMs: last.atMs }));
  return [start, ...found, ...again, ...mismatch, { type: "end", ok, ...last }, ...behind];
}

/** What leaves a module other than it was, or shows it at work. */
const CHANGES: readonly Stage[] = ["erase", "efuse", "boot"];

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
