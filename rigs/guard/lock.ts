import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, readFileSync, readSync, realpathSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { told } from "../../harness/base/files.js";
import { lockersOf, tryFlock } from "../../harness/native/flock.js";
import type { RigConfig } from "../file/schema.js";
import { isSimulated } from "../simulated.js";
import { openShared } from "./shared-file.js";
import { sharedFolder } from "./shared-folder.js";

/** Who drives a rig, as its lock file tells others. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
  /** ISO 8601 with Z. */
  readonly since: string;
  /** It only makes the lines of a run that was killed safe, and ends then. */
  readonly watchdog: boolean;
}

/** What only one process at a time may use. */
export interface Resource {
  readonly kind: "rig" | "port" | "spi" | "state";
  /** A rig's name; the real path of a port, an SPI device or a state file: two rig files may name one by different links. */
  readonly name: string;
}

/** A resource that somebody else holds. */
export interface Busy {
  readonly resource: Resource;
  /** `undefined`: who that is cannot be told (yet). */
  readonly holder: Holder | undefined;
  /** Who took it is dead, and what that one left behind has it still: a lane ends by itself. */
  readonly left: boolean;
}

/** No command line is told at greater length. */
const COMMAND_CHARS = 300;
const CONTENT_BYTES = 4096;
const SLUG_CHARS = 60;

/** What a rig needs for itself. A simulated one needs nothing, but for the file that keeps its module. */
export function resourcesOf(config: RigConfig): Resource[] {
  const { name, serial, spi } = config;
  if (isSimulated(config)) return config.sim.state === undefined ? [] : [stateFile(config.sim.state)];
  const rig: Resource = { kind: "rig", name };
  const resources = [rig];
  if (serial.driver === "port" && serial.path !== undefined)
    resources.push({ kind: "port", name: realPath(serial.path) });
  // Two modules that are selected at once would both drive MISO.
  if (spi?.driver === "spidev" && spi.path !== undefined) resources.push({ kind: "spi", name: realPath(spi.path) });
  return resources;
}

/** The file that keeps a simulated module: a second process would lose the work of one of them. */
export const stateFile = (path: string): Resource => ({ kind: "state", name: realPath(path) });

/** Links followed, as far as there is something. */
function realPath(path: string): string {
  for (const [folder, rest] of [[path, ""] as const, [dirname(path), basename(path)] as const]) {
    try {
      return join(realpathSync(folder), rest);
    } catch {
      // Not there yet: then its folder says which one it will be.
    }
  }
  return resolve(path);
}

/** This process, with its command line. */
export function thisProcess(): Holder {
  const command = commandOf(process.argv.slice(2));
  return { pid: process.pid, command, since: new Date().toISOString(), watchdog: false };
}

/**
 * Locks on files in a folder that all users of the machine share. They end with the process, however it ends, and the
 * files stay: removing one that another process is about to lock would make two holders.
 */
export class Lock implements Disposable {
  readonly #files: number[] = [];
  #abandoned = false;

  /** Whether the one before died while it held one of them: a name was still in the file. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /**
   * Takes all of `resources` or none, without waiting.
   *
   * @throws HarnessError FILE_UNWRITABLE when the lock files cannot be opened.
   */
  static try(resources: readonly Resource[], holder: Holder, folder = sharedFolder()): Lock | Busy {
    const lock = new Lock();
    try {
      for (const resource of resources) {
        const file = openShared(folder, `${fileName(resource)}.lock`);
        lock.#files.push(file);
        if (tryFlock(file)) continue;
        const busy = { resource, ...holderIn(file) };
        closeSync(file);
        lock.#files.pop();
        lock[Symbol.dispose]();
        return busy;
      }
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
    lock.#abandoned = lock.#files.some((file) => contentOf(file) !== undefined);
    for (const file of lock.#files) label(file, holder);
    return lock;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) {
      ftruncateSync(file);
      closeSync(file);
    }
  }
}

/**
 * Who has any of these at the moment, without taking it: nobody who wants it now is kept from it. What the kernel does not
 * show is taken for free.
 */
export function busyOf(resources: readonly Resource[], folder = sharedFolder()): Busy | undefined {
  for (const resource of resources) {
    const file = openShared(folder, `${fileName(resource)}.lock`);
    try {
      if (lockersOf(file).length > 0) return { resource, ...holderIn(file) };
    } finally {
      closeSync(file);
    }
  }
  return undefined;
}

/** Readable, a file name whatever is in it, and different for different resources. */
export function fileName({ kind, name }: Resource): string {
  const slug = name.replace(/[^A-Za-z0-9._-]+/g, "-").slice(-SLUG_CHARS);
  return `${kind}-${slug}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

function contentOf(file: number): Holder | undefined {
  const content = Buffer.alloc(CONTENT_BYTES);
  return parseHolder(content.toString("utf8", 0, readSync(file, content, 0, CONTENT_BYTES, 0)));
}

/** The lock holds without it: a full disk only keeps others from learning who has it. */
function label(file: number, holder: Holder): void {
  try {
    ftruncateSync(file);
    writeSync(file, `${JSON.stringify(holder)}\n`, 0);
  } catch {
    // Then the holder stays nameless.
  }
}

/**
 * What a holder left that was killed says nothing about the next one, and anybody may write into the file: nobody is told
 * to end a process that neither has the lock nor started the one that has it.
 */
function holderIn(file: number): Pick<Busy, "holder" | "left"> {
  const holder = contentOf(file);
  if (holder === undefined) return { holder, left: false };
  const lockers = lockersOf(file);
  const alive = isAlive(holder.pid);
  if (lockers.length === 0) return { holder: alive ? holder : undefined, left: false };
  const isHis = lockers.some((pid) => pid === holder.pid || worksFor(pid, holder));
  return { holder: isHis ? holder : undefined, left: !isHis && !alive };
}

/** A lane has the lock for the run that started it, and that one is told: as far as its command line bears it out. */
const worksFor = (pid: number, { pid: parent, command }: Holder): boolean =>
  parentOf(pid) === parent &&
  told(() => commandOf(readFileSync(`/proc/${parent}/cmdline`, "utf8").split("\0").slice(2, -1))) === command;

const commandOf = (args: readonly string[]): string => ["st67-hil", ...args].join(" ").slice(0, COMMAND_CHARS);

function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** State, parent and so on: the fields behind the name, which may hold anything in its parentheses. See proc(5). */
const statOf = (pid: number): string[] | undefined =>
  told(() =>
    readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" "),
  );

export function parseHolder(text: string): Holder | undefined {
  let value: Partial<Record<keyof Holder, unknown>> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, command, since, watchdog } = value;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid <= 0) return undefined;
  if (typeof command !== "string" || typeof since !== "string" || typeof watchdog !== "boolean") return undefined;
  return { pid, command, since, watchdog };
}

/** Whether a process of this machine has that id; another user's counts, one that has ended and was not collected does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return statOf(pid)?.[0] !== "Z";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
