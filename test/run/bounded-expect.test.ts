import { expect, test } from "@jest/globals";
import { boundedExpect } from "../../harness/run/bounded-expect.js";

const thrownBy = async (work: () => unknown): Promise<Error> => {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error");
};

test.each<[string, () => unknown]>([
  ["two buffers", () => boundedExpect(new Uint8Array(1 << 20)).toEqual(new Uint8Array(1 << 20).fill(1))],
  [
    "inside of objects",
    () => boundedExpect({ a: [new Uint8Array(1 << 20)] }).toEqual({ a: [new Uint8Array(1 << 20).fill(1)] }),
  ],
  ["long lists", () => boundedExpect(new Array(200_000).fill(1)).toEqual(new Array(200_000).fill(2))],
  ["long texts", () => boundedExpect("a\n".repeat(500_000)).toEqual("b\n".repeat(500_000))],
  [
    "of a promise",
    () => boundedExpect(Promise.resolve(new Uint8Array(1 << 20))).resolves.toEqual(new Uint8Array(1 << 20).fill(1)),
  ],
  ["equal ones, negated", () => boundedExpect(new Uint8Array(1 << 20)).not.toEqual(new Uint8Array(1 << 20))],
])("large values that differ are told shortly: %s", async (_, work) => {
  const error = await thrownBy(work);
  expect(error).toHaveProperty("matcherResult");
  expect(error.message.length).toBeLessThan(2000);
});

test("the difference of two buffers is told by its offset, both lengths and a few bytes", async () => {
  const [received, expected] = [Buffer.alloc(5000), Buffer.alloc(5001)];
  received[4321] = 0xab;
  const { message } = await thrownBy(() => boundedExpect(received).toEqual(expected));
  expect(message).toContain("from offset 4321 on");
  expect(message).toContain("Expected: 5001 bytes, there 0000");
  expect(message).toContain("Received: 5000 bytes, there ab00");
});

test("what is equal is equal, and all else is as `expect` has it", async () => {
  boundedExpect(new Uint8Array(1 << 20)).toEqual(new Uint8Array(1 << 20));
  boundedExpect({ a: new Uint8Array(1000), b: 1 }).toMatchObject({ a: new Uint8Array(1000) });
  boundedExpect({ a: 1 }).toEqual(boundedExpect.objectContaining({ a: 1 }));
  boundedExpect([1, 2]).not.toContain(3);
  await boundedExpect(Promise.reject(new Error("no"))).rejects.toThrow("no");
  await boundedExpect(Promise.resolve(4)).resolves.toBe(4);
  const circle: Record<string, unknown> = { bytes: new Uint8Array(1000) };
  circle["self"] = circle;
  boundedExpect(circle).toEqual(circle);
  expect((await thrownBy(() => boundedExpect({ a: 1 }).toEqual({ a: 2 }))).message).toContain("a");
  await expect(thrownBy(() => boundedExpect(Promise.resolve(1)).rejects.toThrow())).resolves.toHaveProperty(
    "matcherResult",
  );
});
