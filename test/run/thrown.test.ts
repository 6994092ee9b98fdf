import { expect, test } from "@jest/globals";
import { HarnessError } from "../../harness/base/errors.js";
import { play } from "../support/play.js";

const thrown = (value: unknown) =>
  play(() => {
    throw value;
  });

const own = new Error("x");
const itself = Object.assign(new AggregateError([]), { errors: [] as unknown[] });
itself.errors.push(itself, new Error("the other one"));
let deep: Error = new Error("the deepest one");
for (let depth = 0; depth < 20_000; depth++) deep = new AggregateError([deep]);
const hostile = { get: () => refuse(), has: () => refuse(), getPrototypeOf: () => refuse() };
const refuse = (): never => {
  throw new Error("a trap");
};

test.each([
  ["a text", "x", "expected an Error, thrown was 'x'"],
  ["nothing", undefined, "expected an Error, thrown was undefined"],
  ["an AggregateError without a list", Object.assign(new AggregateError([], "m"), { errors: 3 }), "AggregateError: m"],
  ["an AggregateError that holds itself", itself, "Error: the other one"],
  ["AggregateErrors without end", deep, "Error: the deepest one"],
  ["an error that is its own cause", Object.assign(own, { cause: own }), "Error: x"],
  ["an error whose message is none", Object.assign(new Error("x"), { message: { a: 1 } }), "Error: [object Object]"],
  ["an error whose message throws", Object.defineProperty(new Error("x"), "message", { get: refuse }), "a trap"],
  ["an error whose stack throws", Object.defineProperty(new Error("x"), "stack", { get: refuse }), "a trap"],
  ["a proxy that throws", new Proxy(new Error("x"), hostile), "a trap"],
])("thrown is %s: the scenario's own error, and no bug of ours", async (_, value, told) => {
  const { verdict, fault } = await thrown(value);
  expect({ verdict, code: fault?.code }).toEqual({ verdict: "broken", code: "SCENARIO_THREW" });
  expect(fault?.message).toContain(told);
});

test("what was thrown cannot be told at all: the case ends, too", async () => {
  const trap: object = new Proxy({}, { ...hostile, get: refuseByItself, getPrototypeOf: refuseByItself });
  function refuseByItself(): never {
    throw trap;
  }
  await expect(thrown(trap)).resolves.toMatchObject({
    verdict: "broken",
    fault: { code: "SCENARIO_THREW", message: "what was thrown cannot be told: it throws, too" },
  });
});

test.each([
  ["a number of any size", { size: 10n }],
  ["a list", [1, 2]],
  ["a function", { call: () => 1 }],
])("the details of an error of ours are %s: told as people read it, and the case ends", async (_, details) => {
  const circle: Record<string, unknown> = { details };
  circle["itself"] = circle;
  for (const each of [details, circle]) {
    const { fault } = await thrown(new HarnessError("BOOT_INFO_CORRUPT", "noise", { details: each as never }));
    expect(fault).toMatchObject({ code: "BOOT_INFO_CORRUPT", message: "noise" });
  }
});
