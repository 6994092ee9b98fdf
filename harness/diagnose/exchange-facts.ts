import type { CommandName } from "../protocol/commands.js";
import type { Exchange } from "../trace/exchanges.js";
import type { Fact, Stage } from "./evidence.js";

export type Command = Extract<Exchange, { kind: "command" }>;

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
/** Stages in which the host holds what it reads to what was to be there. */
export const COMPARED = /^(?:verify|read back) /;

/**
 * What an exchange states.
 *
 * @param ended stages of the host that ended well: a hash alone does not say whether it was the right one.
 * @param files the stages in which something was written so far; the exchange's is added.
 */
export function factsOf(exchange: Exchange, ended: ReadonlySet<string>, files: Set<string>): readonly Fact[] {
  const bytes = Buffer.from(exchange.received).toString("hex");
  const rate: Fact = { type: "rate", baud: exchange.baud };
  if (exchange.kind === "burst") {
    const heard: Fact[] = [
      { type: "stage", stage: "handshake" },
      { type: "heard", bytes },
    ];
    return exchange.answer.kind === "ok"
      ? [rate, ...heard, { type: "done", stage: "handshake", ms: exchange.durationMs }]
      : [rate, ...heard];
  }
  if (exchange.kind === "boot") return exchange.start === "application" && ended.has("boot") ? BOOTED : [];
  if (exchange.kind === "heard") return bytes === "" ? [] : [{ type: "heard", bytes }];
  if (exchange.kind !== "command") return [];
  const stage = STAGE_OF[exchange.name];
  return stage === undefined || isEarly(exchange)
    ? []
    : [rate, ...begun(exchange, stage, files), ...answered(exchange, stage, ended)];
}

/** Whether the ROM hears yet, in place of a pause: no answer leads to nothing, and one at the new rate to what comes anyway. */
const isEarly = ({ name, stage, answer }: Command): boolean =>
  name === "getBootInfo" && (stage === "clock-set" || (stage === "enter-rom" && answer.kind !== "ok"));

const BOOTED: readonly Fact[] = [
  { type: "stage", stage: "boot" },
  { type: "done", stage: "boot" },
];

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
