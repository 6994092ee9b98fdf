import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { oneLine } from "../base/clean.js";
import { HarnessError } from "../base/errors.js";
import type { Emit, Fact, Fault } from "../base/events.js";
import { writeWhole } from "../base/files.js";
import { makeFolder } from "../base/folders.js";
import { unwritable } from "../base/unwritable.js";

/** What one event carries of a text; the whole of a longer one is kept in a file. */
const TEXT_CHARS = 4000;
const DETAILS_CHARS = 8000;
/** What one case may print, or say at length, into a file: a loop that never ends must not fill the disk. */
const FILE_BYTES = 16 * 1024 * 1024;
/** What one case may note, step and measure as events of their own, and how many files it may attach: as above. */
const MOST = 10_000;

/** Folders of later attempts: no file is called like that. */
const ATTEMPT = /^attempt-\d+$/i;
const OUTPUT = "output.txt";
const WHOLE = "whole-texts.txt";
/** What went over the wire. */
export const TRACE = "trace.jsonl";

/** What comes as often as a scenario likes. */
const OF_SCENARIO: readonly Fact["type"][] = ["note", "step.started", "step.ended", "measurement"];

/** What one case leaves in the run's folder, and how much of it events carry. */
export class Evidence {
  readonly #runFolder: string;
  readonly #case: string;
  /** In the run's folder. */
  readonly #folder: string;
  readonly #emit: Emit;
  /** Names that are taken, in lower case: some file systems know no other. */
  readonly #taken = new Set([OUTPUT, WHOLE, TRACE]);
  readonly #written = new Map<string, number>();
  #head = "";
  #tail = "";
  #printed = 0;
  #facts = 0;
  #failure: HarnessError | undefined;
  /** Hears every fact of the case, before it is cut. */
  heard: ((fact: Fact) => void) | undefined;

  /** @param attempt from 1 on: a later one keeps its files in a folder below. */
  constructor(runFolder: string, name: string, emit: Emit, attempt = 1) {
    this.#runFolder = runFolder;
    this.#case = name;
    this.#folder = attemptFolder(name, attempt);
    this.#emit = (fact) => {
      this.heard?.(fact);
      if (OF_SCENARIO.includes(fact.type)) this.#facts++;
      if (!OF_SCENARIO.includes(fact.type) || this.#facts < MOST) emit(this.bounded(fact));
      else this.#append(WHOLE, `${JSON.stringify(fact)}\n`);
      if (OF_SCENARIO.includes(fact.type) && this.#facts === MOST)
        emit({ type: "note", case: name, message: `more than ${MOST} notes, steps and measurements: see ${WHOLE}` });
    };
  }

  /** Every fact of the case goes this way: what is too long for an event is cut, and kept whole in a file. */
  get emit(): Emit {
    return this.#emit;
  }

  /**
   * Keeps a file. A name that comes again is numbered: `log.txt`, `log-2.txt`.
   *
   * @throws HarnessError SCENARIO_INVALID for a name with a folder in it.
   */
  attach(name: string, content: string | Uint8Array): void {
    if (basename(name) !== name || name === "" || name === "." || name === ".." || oneLine(name) !== name)
      throw new HarnessError(
        "SCENARIO_INVALID",
        `attachment ${JSON.stringify(name)}: expected a file name without folders and control characters`,
      );
    if (this.#taken.size > MOST)
      throw new HarnessError("SCENARIO_INVALID", `attachment ${name}: a case keeps ${MOST} files at most`);
    const free = this.#free(name);
    writeWhole(this.#path(free), content);
    this.tell(free);
  }

  /** Where a file is kept that grows while the case lasts, and is told at its end. @throws HarnessError FILE_UNWRITABLE. */
  reserved(name: string): string {
    return this.#path(name);
  }

  /** Whether it is the evidence of the case `name`; of no known case, as far as one can tell. */
  isOf(name: string | undefined): boolean {
    return name === undefined || name === this.#case;
  }

  /** What the case prints. */
  print(text: string): void {
    this.#append(OUTPUT, text);
    this.#printed += text.length;
    const room = TEXT_CHARS / 2 - this.#head.length;
    this.#head += text.slice(0, room);
    this.#tail = (this.#tail + text.slice(Math.max(0, room))).slice(-TEXT_CHARS / 2);
  }

  /** The first of it that could not be kept. */
  get failure(): HarnessError | undefined {
    return this.#failure;
  }

  /** Tells what was printed. */
  end(): void {
    if (this.#printed === 0) return;
    const left = this.#printed - this.#head.length - this.#tail.length;
    const between = left > 0 ? `\n… ${left} characters more in ${OUTPUT} …\n` : "";
    this.#emit({ type: "output", case: this.#case, text: `${this.#head}${between}${this.#tail}` });
  }

  /** `reason` as an event may carry it. */
  boundedReason(reason: string): string {
    return this.#cut("a reason", reason);
  }

  /** `fault` as an event may carry it. */
  boundedFault(fault: Fault): Fault {
    const { details, message, advice } = fault;
    const long = details !== undefined && JSON.stringify(details).length > DETAILS_CHARS;
    return {
      ...fault,
      message: this.#cut("an error's message", message),
      advice: this.#cut("an error's advice", advice),
      ...(long && { details: { cut: this.#cut("an error's details", JSON.stringify(details, undefined, 2)) } }),
    };
  }

  bounded(fact: Fact): Fact {
    switch (fact.type) {
      case "note":
        return { ...fact, message: this.#cut("a note", fact.message) };
      case "step.started":
      case "step.ended":
        return { ...fact, step: this.#cut("the name of a step", fact.step) };
      case "measurement":
        return { ...fact, name: this.#cut("the name of a measurement", fact.name) };
      default:
        return fact;
    }
  }

  #cut(what: string, text: string): string {
    if (text.length <= TEXT_CHARS) return text;
    this.#append(WHOLE, `${what}, ${text.length} characters:\n${text}\n\n`);
    return `${text.slice(0, TEXT_CHARS)}… (${text.length} characters in all: ${WHOLE})`;
  }

  #append(name: string, text: string): void {
    const before = this.#written.get(name);
    const written = before ?? 0;
    const bytes = Buffer.from(text);
    const room = FILE_BYTES - written;
    this.#written.set(name, written + bytes.length);
    const rest = `\n(more than ${FILE_BYTES} bytes: the rest was not kept)\n`;
    // A file that is there is of the same attempt, which was cut off and begins anew.
    if (room > 0) this.#put(name, bytes.subarray(0, room), before === undefined ? "w" : "a");
    if (written <= FILE_BYTES && written + bytes.length > FILE_BYTES) this.#put(name, Buffer.from(rest));
    if (before === undefined) this.tell(name);
  }

  /** Whoever prints or notes is not to be bothered by a disk that is full: the case is broken by it in the end. */
  #put(name: string, bytes: Uint8Array, flag: "a" | "w" = "a"): void {
    try {
      appendFileSync(this.#path(name), bytes, { flag });
    } catch (cause) {
      this.#failure ??= unwritable(join(this.#folder, name), cause);
    }
  }

  #free(name: string): string {
    const extension = extname(name);
    const stem = name.slice(0, name.length - extension.length);
    let free = name;
    for (let count = 2; this.#taken.has(free.toLowerCase()) || ATTEMPT.test(free); count++)
      free = `${stem}-${count}${extension}`;
    this.#taken.add(free.toLowerCase());
    return free;
  }

  #path(name: string): string {
    const folder = join(this.#runFolder, this.#folder);
    makeFolder(folder);
    return join(folder, name);
  }

  /** Tells of a file that is there. */
  tell(name: string): void {
    this.#emit({ type: "attachment", case: this.#case, name, file: join(this.#folder, name) });
  }
}

const FOLDER_CHARS = 80;
const HASH_CHARS = 8;

/** Where an attempt at a case keeps its files, in the run's folder: a later one in a folder below. */
export const attemptFolder = (name: string, attempt: number): string =>
  attempt === 1 ? folderOf(name) : join(folderOf(name), `attempt-${attempt}`);

/**
 * The folder of a case in the run's folder: its name, as far as file systems take it. What is lost on the way there
 * stands in a hash, so that no two cases share one: `temp +5` and `temp -5` are `temp-5-` and two hashes.
 */
export function folderOf(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9.]+/g, "-")
    .replace(/^[-.]+|-+$/g, "")
    .slice(0, FOLDER_CHARS);
  if (plain !== "" && plain === name && plain.toLowerCase() === plain) return join("cases", plain);
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_CHARS);
  return join("cases", plain === "" ? hash : `${plain}-${hash}`);
}
