import { fstatSync } from "node:fs";
// The global one may be another one by then.
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { type Clock, SystemClock } from "../../base/time.js";

/** What code of ours relies on, and a scenario may replace for a moment and forget: fake timers are the likeliest. */
const BUILT_INS = [
  ...["Object", "Function", "Array", "String", "Number", "Boolean", "Symbol", "BigInt", "RegExp", "Date", "Math"],
  ...["JSON", "Reflect", "Proxy", "Promise", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Error", "AggregateError"],
  ...["TypeError", "RangeError", "ArrayBuffer", "DataView", "Uint8Array", "Buffer", "TextEncoder", "TextDecoder"],
  ...["AbortController", "AbortSignal", "EventTarget", "URL", "console", "process", "performance", "queueMicrotask"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"],
] as const;

/** Of `process` its methods alone are held against: node keeps its own state there. */
const STATEFUL: readonly string[] = ["process", "console", "performance"];

/** File descriptors of a lane: its standard ones and its pipes. */
const PIPES = [0, 1, 2, 3, 4, 5];
/** Of these there are more and less without anybody's doing. */
const PASSING: readonly string[] = [
  "FSReqCallback",
  "FSReqPromise",
  "CloseReq",
  "TickObject",
  "SimpleShutdownWrap",
  "SimpleWriteWrap",
];

/** What a process is like: each trait by its name. */
type Traits = ReadonlyMap<string, unknown>;

/** To be asked before the first case, so that what files did while they were loaded is no case's. */
export const traits = (): Traits => new Map([...openThings(), ...circumstances(), ...builtIns()]);

/** So long what was left open may end by itself, in ms, and is looked at again and again. */
const SETTLE_MS = 1000;
const LOOK_MS = 20;

/**
 * The names of what is there and was not, or is different: timers, servers, processes; what a next case would find. What
 * is open is waited for first, unless `isBad`: a timer of 50 ms may bring an error to light.
 */
export async function leftSince(before: Traits, isBad = false, clock: Clock = new SystemClock()): Promise<string[]> {
  const end = clock.now() + SETTLE_MS;
  try {
    // What was just closed is gone in a turn or two.
    for (let turn = 0; turn < 2 && differences(before).length > 0; turn++) await setImmediate();
    while (!isBad && clock.now() < end && differences(before).some(isOpen)) await clock.sleep(LOOK_MS);
    const found = differences(before);
    if (isBad || !found.some(isOpen)) return found;
    // What is open for a moment now and then, as a simulated module's clock at each of its turns, was not left by anybody.
    await clock.sleep(LOOK_MS);
    return differences(before).filter((name) => !isOpen(name) || found.includes(name));
  } catch {
    return ["a process that cannot look at itself"];
  }
}

const isOpen = (name: string): boolean => process.getActiveResourcesInfo().includes(name);

function differences(before: Traits): string[] {
  const now = traits();
  const left = [...now].flatMap(([name, value]) => (isLeft(before.get(name), value) ? [name] : []));
  const gone = [...before.keys()].filter((name) => !now.has(name) && typeof before.get(name) !== "number");
  const all = new Set([...left, ...gone]);
  // What was replaced as a whole is told as that.
  return [...all].filter((name) => !all.has(name.split(".")[0] ?? "") || !name.includes(".")).sort();
}

const isLeft = (before: unknown, now: unknown): boolean =>
  typeof now === "number" ? now > (typeof before === "number" ? before : 0) : now !== before;

/** How many of each there are. */
function openThings(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo())
    if (!PASSING.includes(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function circumstances(): [string, unknown][] {
  const listeners = process
    .eventNames()
    .map((name) => [`listeners of ${String(name)}`, String(process.listenerCount(name))] as [string, unknown]);
  const variables = Object.entries(process.env).map(
    ([name, value]) => [`environment variable ${name}`, value] as [string, unknown],
  );
  const pipes = PIPES.map((fd) => [`file descriptor ${fd}`, identityOf(fd)] as [string, unknown]);
  return [["current folder", process.cwd()], ["umask", String(process.umask())], ...listeners, ...variables, ...pipes];
}

function identityOf(fd: number): string {
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev} ${ino}`;
  } catch {
    return "closed";
  }
}

function* builtIns(): Iterable<[string, unknown]> {
  for (const name of BUILT_INS) {
    const value = (globalThis as Record<string, unknown>)[name];
    yield [name, value];
    const prototype = typeof value === "function" ? (value.prototype as unknown) : undefined;
    for (const [of, owner] of [
      [name, value],
      [`${name}.prototype`, prototype],
    ] as const) {
      if ((typeof owner !== "object" && typeof owner !== "function") || owner === null) continue;
      for (const key of Reflect.ownKeys(owner)) {
        const { value: held, get } = Object.getOwnPropertyDescriptor(owner, key) ?? {};
        if (STATEFUL.includes(name) && typeof held !== "function") continue;
        yield [`${of}.${String(key)}`, get ?? held];
      }
    }
  }
}
