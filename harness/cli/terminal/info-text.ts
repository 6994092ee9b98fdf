import type { Fuses } from "../../protocol/fuses.js";

/** What a module tells of itself, a line each. */
export const infoLines = (rows: readonly (readonly [name: string, value: string])[]): string[] =>
  rows.map(([name, value]) => `${name.padEnd(20)}${value}`);

export const tellLock = (locked: boolean): string => (locked ? "locked: boots signed images only" : "not locked");

/** @param mac 12 hex digits. */
export const tellMac = (mac: string): string => mac.replace(/(..)(?=.)/g, "$1:");

export const tellRollback = ({ enabled, boot2, application }: Fuses["antiRollback"]): string =>
  `${enabled ? "enabled" : "disabled"}, boot2 ${boot2}, application ${application}`;
