import { createHash } from "node:crypto";
import { type Expect, expect } from "expect";
import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";

/** What is larger is compared by its hash: a difference of a megabyte, told byte by byte, takes minutes and gigabytes. */
const MOST_BYTES = 256;
const MOST_CHARS = 20_000;
const MOST_ITEMS = 2000;
const MOST_DEPTH = 20;
const SHOWN_BYTES = 16;

/** Stands for something large; two of them are equal when what they stand for is. */
class Large {
  readonly what: string;
  readonly length: number;
  readonly sha256: string;
  readonly begins: string;

  constructor(what: string, length: number, bytes: Uint8Array) {
    this.what = what;
    this.length = length;
    this.sha256 = createHash("sha256").update(bytes).digest("hex");
    this.begins = hex(bytes.subarray(0, SHOWN_BYTES));
  }
}

/**
 * The `expect` of scenarios. Of large values, on their own or inside of others, it tells where they differ, their lengths
 * and a few bytes; whatever is smaller is told by `expect` itself.
 */
export const boundedExpect: Expect = new Proxy(expect, {
  apply: (_, __, [actual]: [unknown]) => matchersOf(actual, expect(actual)),
  get: (target, name, receiver) => {
    if (name === "extend") return extend;
    if (typeof name === "string" && REFUSED.includes(name)) return () => refuse(`expect.${name}`);
    return Reflect.get(target, name, receiver);
  },
});

/** Nobody looks at what these count; what these change holds for the scenarios of all others too. */
const REFUSED: readonly string[] = ["assertions", "hasAssertions", "addEqualityTesters", "setState"];
/** `expect`'s own. */
const MATCHERS = new Set(Object.keys(expect(undefined)));

const extend: Expect["extend"] = (matchers) => {
  for (const name of Object.keys(matchers)) if (MATCHERS.has(name)) refuse(`expect.extend: ${name}`);
  expect.extend(matchers);
};

function refuse(what: string): never {
  throw new HarnessError("SCENARIO_INVALID", `${what}: it would mean nothing here, or change the claims of others`);
}

function matchersOf(actual: unknown, matchers: object, negated = false): object {
  return new Proxy(matchers, {
    get(target, name, receiver) {
      if (name === "not") return matchersOf(actual, (expect(shrunk(actual)) as { not: object }).not, true);
      if (name === "resolves" || name === "rejects") return settled(actual, name);
      const matcher: unknown = Reflect.get(target, name, receiver);
      if (typeof matcher !== "function" || name === "toBe" || name === "toThrow") return matcher;
      return (...expected: unknown[]) => {
        const [wanted] = expected;
        const equality = name === "toEqual" || name === "toStrictEqual";
        if (!negated && equality && isBytes(actual) && isBytes(wanted)) return compare(actual, wanted);
        const small = expect(shrunk(actual)) as unknown as Record<string, unknown>;
        const base = (negated ? small["not"] : small) as Record<string, (...args: unknown[]) => unknown>;
        return base[String(name)]?.(...expected.map((each) => shrunk(each)));
      };
    },
  });
}

/** As `expect`'s own: the value of a promise, or what it rejects with. */
function settled(actual: unknown, how: "resolves" | "rejects"): object {
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (...expected: unknown[]) => {
          const promise = typeof actual === "function" ? (actual as () => unknown)() : actual;
          const [kept, value] = await Promise.resolve(promise).then(
            (value) => [true, value] as const,
            (error) => [false, error] as const,
          );
          // Where it settled the other way, `expect` itself says so.
          if (kept !== (how === "resolves"))
            return matcherOf(expect(actual as Promise<unknown>)[how], name)(...expected);
          if (how === "rejects" && name === "toThrow")
            return matcherOf(
              expect(() => {
                throw value;
              }),
              name,
            )(...expected);
          return matcherOf(matchersOf(value, expect(value)), name)(...expected);
        },
    },
  );
}

const matcherOf = (matchers: object, name: string | symbol): ((...expected: unknown[]) => unknown) =>
  Reflect.get(matchers, name) as (...expected: unknown[]) => unknown;

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** @throws an error as `expect` throws one. */
function compare(received: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(received, expected) === 0) return;
  const at = received.findIndex((byte, index) => byte !== expected[index]);
  const from = at < 0 ? Math.min(received.length, expected.length) : at;
  const shown = (bytes: Uint8Array) => hex(bytes.subarray(from, from + SHOWN_BYTES)) || "the end";
  const lengths = `Expected: ${expected.length} bytes, there ${shown(expected)}\nReceived: ${received.length} bytes, there ${shown(received)}`;
  const message = `expect(received).toEqual(expected): the bytes differ from offset ${from} on\n\n${lengths}`;
  throw Object.assign(new Error(message), { matcherResult: { pass: false, message } });
}

/** `value` with stand-ins for all that is large in it; itself where nothing is. */
function shrunk(value: unknown, depth = 0, seen = new Map<unknown, unknown>()): unknown {
  if (typeof value === "string")
    return value.length > MOST_CHARS ? new Large("text", value.length, Buffer.from(value)) : value;
  if (typeof value !== "object" || value === null || depth > MOST_DEPTH) return value;
  if (ArrayBuffer.isView(value) && value.byteLength > MOST_BYTES)
    return new Large("bytes", value.byteLength, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) return shrunkList(value, depth, seen);
  const plain = Object.getPrototypeOf(value) === Object.prototype;
  if (!plain || "asymmetricMatch" in value) return value;
  const copy: Record<string, unknown> = {};
  seen.set(value, copy);
  let changed = false;
  for (const [name, each] of Object.entries(value)) {
    copy[name] = shrunk(each, depth + 1, seen);
    changed ||= copy[name] !== each;
  }
  if (!changed) seen.set(value, value);
  return changed ? copy : value;
}

function shrunkList(list: readonly unknown[], depth: number, seen: Map<unknown, unknown>): unknown {
  if (list.length > MOST_ITEMS)
    return new Large("items", list.length, Buffer.from(list.map((each) => String(JSON.stringify(each))).join("\n")));
  const copy: unknown[] = [];
  seen.set(list, copy);
  for (const each of list) copy.push(shrunk(each, depth + 1, seen));
  const changed = copy.some((each, index) => each !== list[index]);
  if (!changed) seen.set(list, list);
  return changed ? copy : list;
}
