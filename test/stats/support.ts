import { expect } from "@jest/globals";

/** Relative to what is expected, unless that is 0. */
export function digits(got: number, expected: number, count = 10): void {
  if (expected === 0 || got === expected) expect(got).toBe(expected);
  else if (Math.abs(got / expected - 1) >= 10 ** -count / 2) expect(got).toBe(expected);
}
