/** Which firmware a cycle is of stands in front of its name: both may have one label. */
export type Side = "a" | "b";

const MARKS = { a: "A ", b: "B " } as const satisfies Record<Side, string>;

/** @param number of the cycle of its side, from 1 on. */
export const cycleName = (side: Side, name: string, number: number): string =>
  `${MARKS[side]}${name}${number === 1 ? "" : ` #${number}`}`;

/** `undefined` for a name that is no cycle's. */
export const sideOf = (name: string): Side | undefined =>
  name.startsWith(MARKS.a) ? "a" : name.startsWith(MARKS.b) ? "b" : undefined;
