import { expect, test } from "@jest/globals";
import { hear, OneStop, unhear } from "../../harness/base/stop.js";

test("whoever hears a signal is called when it aborts, in order, and who has left is not", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const left = () => void called.push("left");
  hear(controller.signal, () => void called.push("first"));
  hear(controller.signal, left);
  hear(controller.signal, () => void called.push("last"));
  unhear(controller.signal, left);
  controller.abort("over");
  expect(called).toEqual(["first", "last"]);
});

test("one who leaves while the others are told is not told any more", () => {
  const controller = new AbortController();
  const called: string[] = [];
  const second = () => void called.push("second");
  hear(controller.signal, () => unhear(controller.signal, second));
  hear(controller.signal, second);
  controller.abort("over");
  expect(called).toEqual([]);
});

test("a signal that has aborted calls nobody, as with a listener of its own; and to leave one that nobody hears does nothing", () => {
  const { signal } = new AbortController();
  unhear(signal, () => undefined);
  const aborted = AbortSignal.abort("over");
  let called = 0;
  hear(aborted, () => called++);
  expect(called).toBe(0);
});

test("a thousand may hear one signal: node, which warns of eleven listeners, sees one", () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = ((...given: Parameters<typeof add>) => {
    listeners++;
    add(...given);
  }) as typeof add;
  for (let count = 0; count < 1000; count++) hear(signal, () => undefined);
  expect(listeners).toBe(1);
});

test("a stop of one sleep calls that one", () => {
  const stop = new OneStop();
  const called: string[] = [];
  const left = () => void called.push("left");
  hear(stop, () => void called.push("stays"));
  stop.abort("over");
  stop.abort("again");
  expect(called).toEqual(["stays"]);
  const another = new OneStop();
  hear(another, left);
  unhear(another, left);
  another.abort("over");
  expect(called).toEqual(["stays"]);
});
