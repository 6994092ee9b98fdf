import { inspect } from "node:util";
import { HarnessError } from "../base/errors.js";
import { STRAP_AXES } from "../base/strap-timing.js";
import type { ArmedFaults } from "../base/wire.js";
import { CAUSES } from "../brick/causes.js";
import type { Interruption } from "../brick/interrupt.js";
import { isMoment } from "../brick/moments.js";
import { refuseNoContents, refuseNoRange } from "./contents.js";
import { isExpected, isFirmware } from "./is-firmware.js";
import type { Bench, UpdateBreak } from "./scenario.js";

const ERASES: readonly unknown[] = ["needed", "chip", "none"];

/** A bench as a body gets it. */
interface Checked {
  readonly bench: Bench;
  /** What was begun on it and has not ended. */
  readonly underWay: () => string[];
  /** Takes back each fault that was ordered on it, the newest first. */
  readonly disarm: () => void;
}

/**
 * No compiler stands between a scenario file and us: what it gives must be what its types say, and what it began and
 * never awaited has proved nothing.
 */
export function checkedBench(bench: Bench): Checked {
  const open = new Map<symbol, string>();
  const ordered: ArmedFaults[] = [];
  const during = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const id = Symbol(name);
    open.set(id, name);
    try {
      return await work();
    } finally {
      open.delete(id);
    }
  };
  const checked: Bench = {
    ...bench,
    step: (title, work) => {
      text("step", title);
      if (typeof work !== "function") throw expected(`step ${title}`, "a function", work);
      return during(`step ${title}`, async () => bench.step(title, work));
    },
    measure: (name, value, unit, limits = {}) => {
      text("measure", name);
      text(`measure ${name}, its unit`, unit);
      if (typeof value !== "number") throw expected(`measure ${name}`, "a number", value);
      for (const limit of [limits.min, limits.max])
        if (limit !== undefined && !Number.isFinite(limit))
          throw expected(`measure ${name}, a limit`, "a number", limit);
      bench.measure(name, value, unit, limits);
    },
    attach: (name, content) => {
      text("attach", name);
      if (typeof content !== "string" && !(content instanceof Uint8Array))
        throw expected(`attach ${name}`, "a text or bytes", content);
      bench.attach(name, content);
    },
    note: (message) => bench.note(text("note", message)),
    skip: (reason) => bench.skip(text("skip", reason)),
    enterRom: (start) => during("enterRom", () => bench.enterRom(start)),
    openSession: (ladder) => {
      if (ladder !== undefined && !Number.isInteger(ladder))
        throw expected("openSession, the ladder", "a rung from 0 to 8", ladder);
      return during("openSession", () => bench.openSession(ladder));
    },
    enterThroughBoot2: () => during("enterThroughBoot2", () => bench.enterThroughBoot2()),
    flash: (firmware, how) => {
      refuseNoFlashOptions(how);
      refuseNoFirmware("flash", firmware);
      return during("flash", () => bench.flash(firmware, how));
    },
    overwrite: (parts, options) => {
      refuseNoContents(parts);
      const erase = (options as { erase?: unknown } | null | undefined)?.erase ?? "needed";
      if (!ERASES.includes(erase)) throw expected("overwrite, erase", ERASES.join(", "), erase);
      return during("overwrite", () => bench.overwrite(parts, options));
    },
    erase: (address, length) => {
      refuseNoRange("erase", address, length);
      return during("erase", () => bench.erase(address, length));
    },
    boot: (proof) => {
      if (proof !== undefined && !isExpected(proof))
        throw expected("boot", "a firmware, or { profile: t01, t02 or mfg, version: a text }", proof);
      return during("boot", () => bench.boot(proof));
    },
    at: (command) => during("at", async () => bench.at(text("at", command))),
    restart: (withinMs) => {
      if (withinMs !== undefined && !(withinMs > 0 && Number.isFinite(withinMs)))
        throw expected("restart", "a number of milliseconds", withinMs);
      return during("restart", () => bench.restart(withinMs));
    },
    update: (firmware, kind) => {
      refuseNoFirmware("update", firmware);
      refuseNoKind("update", kind);
      return during("update", () => bench.update(firmware, kind));
    },
    offerUpdate: (file) => {
      text("offerUpdate, its name", file?.name);
      if (!(file.bytes instanceof Uint8Array)) throw expected("offerUpdate, its bytes", "bytes", file.bytes);
      return during("offerUpdate", () => bench.offerUpdate(file));
    },
    breakUpdate: (firmware, kind, by) => {
      refuseNoFirmware("breakUpdate", firmware);
      refuseNoKind("breakUpdate", kind);
      if (!isBreak(by)) throw expected("breakUpdate", BREAK, by);
      return during("breakUpdate", () => bench.breakUpdate(firmware, kind, by));
    },
    hash: (...args) => during("hash", () => bench.hash(...args)),
    read: (...args) => during("read", () => bench.read(...args)),
    tryStrap: (timing) => {
      if (timing !== undefined && !isTiming(timing)) throw expected("tryStrap", TIMING, timing);
      return during("tryStrap", () => bench.tryStrap(timing));
    },
    arm: (orders) => {
      const armed = bench.arm(orders);
      ordered.push(armed);
      return armed;
    },
    interrupt: (firmware, by) => {
      if (!isInterruption(by)) throw expected("interrupt", INTERRUPTION, by);
      refuseNoFirmware("interrupt", firmware);
      return during("interrupt", () => bench.interrupt(firmware, by));
    },
    bringBack: (firmware, interrupted) => {
      if (interrupted?.rig === undefined) throw expected("bringBack", "what interrupt gave", interrupted);
      refuseNoFirmware("bringBack", firmware);
      return during("bringBack", () => bench.bringBack(firmware, interrupted));
    },
  };
  const disarm = () => {
    for (const each of ordered.splice(0).reverse()) each.disarm();
  };
  return { bench: checked, underWay: () => [...open.values()], disarm };
}

/** A word that is misspelt would be passed over, and the flash be another one than was asked for. */
function refuseNoFlashOptions(how: unknown): void {
  if (how === undefined || isSession(how)) return;
  if (typeof how !== "object" || how === null)
    throw expected("flash, its session", "one of openSession or enterThroughBoot2, or { session, delta }", how);
  const { session, delta, ...others } = how as Readonly<Record<string, unknown>>;
  const [[name, value] = []] = Object.entries(others);
  if (name !== undefined) throw expected(`flash, ${name}`, "session or delta alone", value);
  if (session !== undefined && !isSession(session))
    throw expected("flash, its session", "one of openSession or enterThroughBoot2", session);
  if (delta !== undefined && typeof delta !== "boolean") throw expected("flash, delta", "true or false", delta);
}

function refuseNoKind(what: string, kind: unknown): void {
  if (kind !== "raw" && kind !== "xz") throw expected(`${what}, its kind`, "raw or xz", kind);
}

function refuseNoFirmware(what: string, value: unknown): void {
  if (!isFirmware(value)) throw expected(what, "a firmware of the matrix", value);
}

const INTERRUPTION = `{ moment: one of momentsOf(plan), cause: one of ${CAUSES.join(", ")} }, { moment, idleMs: more than 0 } or { faults: a list }`;
const TIMING = `{ ${STRAP_AXES.join(", ")} }, each a number of milliseconds of at least 0`;

const BREAK_CAUSES: readonly unknown[] = ["host", "chip-en", "power"];
const BREAK = `{ byte: from 0 on, or finished: true; afterMs: from 0 on; cause: one of ${BREAK_CAUSES.join(", ")} }`;

function isBreak(by: unknown): by is UpdateBreak {
  const { byte, finished, afterMs, cause } = (by ?? {}) as Readonly<Record<string, unknown>>;
  const isPlaced = finished === true ? byte === undefined : Number.isInteger(byte) && Number(byte) >= 0;
  return (
    isPlaced && typeof afterMs === "number" && Number.isFinite(afterMs) && afterMs >= 0 && BREAK_CAUSES.includes(cause)
  );
}

const isTiming = (timing: unknown): boolean =>
  STRAP_AXES.every((axis) => {
    const value = (timing as Readonly<Record<string, unknown>> | null)?.[axis];
    return typeof value === "number" && Number.isFinite(value) && value >= 0;
  });

function isInterruption(by: unknown): by is Interruption {
  const { moment, cause, idleMs, faults } = (by ?? {}) as Readonly<Record<string, unknown>>;
  if (faults !== undefined) return Array.isArray(faults) && faults.length > 0;
  const idles = cause === undefined && typeof idleMs === "number" && idleMs > 0 && Number.isFinite(idleMs);
  return isMoment(moment) && (idles || (CAUSES as readonly unknown[]).includes(cause));
}

function text(what: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw expected(what, "a text", value);
}

const isSession = (value: unknown): boolean => typeof value === "object" && value !== null && "rom" in value;

const expected = (what: string, wanted: string, value: unknown): HarnessError =>
  new HarnessError("SCENARIO_INVALID", `${what}: expected ${wanted}, got ${inspect(value, { depth: 0 })}`);
