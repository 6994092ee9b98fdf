import { BOOT_INFO_BYTES, type BootInfo, decodeBootInfo } from "../protocol/boot-info.js";
import { isStatus } from "../protocol/status.js";
import { type Evidence, isOf, type Of, STAGES, type Stage } from "./evidence.js";
import { BOOT_BAUD, isSlowAlone, LOAD_BAUD, type Para, parasOf } from "./paras.js";
import type { Run } from "./runs.js";
import { stageOfError } from "./tool-errors.js";

/** What a run came to: all that the rules ask of it. */
export interface Picture {
  /** The stage at which it ended, well or not. */
  readonly stage: Stage | "none";
  /** Rate of the line at that stage in baud, and whether it is beyond that of the handshake. */
  readonly baud: number;
  readonly isFast: boolean;
  /** Answers to the handshakes, up to the one that the tool took. */
  readonly greetings: readonly Of<"heard">[];
  /** The tool took an answer for the ROM's. */
  readonly greeted: Evidence | undefined;
  /** The boot info that came; without `info` it is damaged. */
  readonly bootInfo: (Of<"boot-info"> & { readonly info: BootInfo | undefined }) | undefined;
  readonly jedec: Of<"data"> | undefined;
  /** Since the last thing that went well: answers that were none. */
  readonly silent: readonly Of<"heard">[];
  readonly stray: readonly Of<"heard">[];
  readonly refused: readonly Of<"refused">[];
  /** The chunk that went through last, of the file at which the run ended. */
  readonly chunk: Of<"chunk"> | undefined;
  readonly errors: readonly Of<"error">[];
  readonly mismatches: readonly Evidence[];
  readonly troubles: readonly Of<"trouble">[];
  readonly asked: Of<"asked"> | undefined;
  readonly files: readonly FileState[];
  /** The fuses were begun with. */
  readonly fuses: Evidence | undefined;
  readonly end: Of<"end"> | undefined;
  /** What boot2 said after the tool had ended. */
  readonly boot2: Of<"boot2"> | undefined;
  /** Each set-para: at which rate, and whether it was answered. */
  readonly paras: readonly Para[];
  /** Stages that went well. */
  readonly done: readonly Of<"done">[];
  readonly all: Run;
}

interface FileState {
  readonly begun: Of<"file">;
  readonly written: boolean;
  readonly verified: boolean;
}

export function pictureOf(run: Run): Picture {
  const of = <T extends Evidence["type"]>(type: T): Of<T>[] => run.filter(isOf(type)) as Of<T>[];
  const errors = of("error").filter(({ code }) => code !== "0000");
  const dones = of("done");
  const greeted = dones.find(({ stage }) => stage === "handshake");
  const paras = parasOf(run);
  const end = of("end").at(-1);
  const stage = end?.ok === false && isSlowAlone(paras) ? "set-para" : stageOf(run, errors, greeted !== undefined);
  const isFast = STAGES.indexOf(stage === "none" ? "config" : stage) > STAGES.indexOf("clock-set");
  const told = of("rate").at(-1)?.baud ?? LOAD_BAUD;
  const [bootInfo] = of("boot-info").slice(-1);
  const tail = run.slice(lastGood(run) + 1);
  const heard = tail.flatMap((one) => (one.type === "heard" ? [one] : one.type === "refused" ? asBytes(one) : []));
  return {
    stage,
    baud: isFast ? told : BOOT_BAUD,
    isFast: isFast && told > BOOT_BAUD,
    greetings: greetingsOf(run),
    greeted,
    bootInfo: bootInfo && { ...bootInfo, info: infoIn(bootInfo.bytes) },
    jedec: of("data").find(({ line }) => line >= (stageLine(run, "jedec") ?? Number.POSITIVE_INFINITY)),
    silent: heard.filter(({ bytes }) => bytes === ""),
    stray: heard.filter(({ bytes }) => bytes !== ""),
    refused: tail.filter(isOf("refused")).filter((one) => asBytes(one).length === 0),
    chunk: run.slice(run.findLastIndex(({ type }) => type === "file") + 1).findLast(isOf("chunk")),
    errors,
    mismatches: of("mismatch"),
    troubles: of("trouble"),
    asked: of("asked").at(-1),
    files: filesOf(run),
    fuses: run.find((one) => one.type === "stage" && one.stage === "efuse"),
    end,
    boot2: end?.ok === true ? of("boot2").find(({ line }) => line > end.line) : undefined,
    paras,
    done: dones,
    all: run,
  };
}

/** "Protected or closed": in no table, and known to the newer tools. */
const CLOSED = 0x0a0a;

/** The tool takes the third and fourth byte of whatever begins with no OK for a status: one that there is not is two bytes of something. */
function asBytes({ status, ...place }: Of<"refused">): Of<"heard">[] {
  if (isStatus(status) || status === CLOSED) return [];
  return [{ ...place, type: "heard", bytes: Buffer.from([status & 0xff, status >> 8]).toString("hex") }];
}

const stageLine = (run: Run, stage: Stage): number | undefined =>
  run.find((one) => one.type === "stage" && one.stage === stage)?.line;

/** The last thing that shows an answer that was good; what came before it was got over. */
const lastGood = (run: Run): number =>
  run.findLastIndex(({ type }) => type === "done" || type === "chunk" || type === "boot-info" || type === "data");

/** An error of the tool names its stage, though all before it were cut away; so does the last stage that was begun. */
function stageOf(run: Run, errors: readonly Of<"error">[], greeted: boolean): Stage | "none" {
  const named = errors.map(({ code }) => stageOfError(code, greeted)).find((stage) => stage !== undefined);
  if (named !== undefined) return named;
  let stage: Stage | "none" = "none";
  for (const one of run) {
    if (one.type === "start" && stage === "none") stage = "config";
    if (one.type === "rate" && stage === "config") stage = "port";
    if (one.type === "stage") stage = one.stage;
    // The tool waits half a second, and asks who is there without a word.
    if (one.type === "done") stage = one.stage === "handshake" ? "boot-info" : one.stage;
    if (one.type === "boot-info") stage = "boot-info";
    if (one.type === "chunk") stage = "write";
    if (one.type === "end" && one.ok) stage = "done";
  }
  return stage;
}

function greetingsOf(run: Run): Of<"heard">[] {
  const greetings: Of<"heard">[] = [];
  let greeting = false;
  for (const one of run) {
    if (one.type === "stage") greeting = one.stage === "handshake";
    if (one.type === "done") greeting = false;
    if (greeting && one.type === "heard") greetings.push(one);
  }
  return greetings;
}

function filesOf(run: Run): FileState[] {
  const begun = run.flatMap((one, at) => (one.type === "file" ? [{ one, at }] : []));
  return begun.map(({ one, at }, index) => {
    const part = run.slice(at, begun[index + 1]?.at).filter(isOf("done"));
    const has = (stage: Stage) => part.some((each) => each.stage === stage);
    return { begun: one, written: has("write"), verified: has("verify") };
  });
}

function infoIn(bytes: string): BootInfo | undefined {
  const data = Buffer.from(bytes, "hex");
  if (!BOOT_INFO_BYTES.includes(data.length)) return undefined;
  try {
    return decodeBootInfo(data);
  } catch {
    return undefined;
  }
}
