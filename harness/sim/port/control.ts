import type { Line } from "../../base/wire.js";
import type { Pins } from "../straps.js";

/** The pins as whoever drives them by orders needs them. */
export type DrivenPins = Pick<Pins, "set" | "levels">;

/** The module's pins, by the names that people type. */
const WORDS = { boot: "boot", en: "chipEn", power: "power" } as const satisfies Record<string, Line>;

/** No order is longer: what is can only be wrong. */
const LONGEST = 80;

/**
 * Obeys one order: `boot 1`, `en 0` and the like set a level at the module's pins, `?` asks for the levels.
 *
 * @returns `ok`, the levels, or `error` with what was expected.
 */
export function obey(order: string, pins: DrivenPins): string {
  const words = order.trim().split(/\s+/);
  const [word = "", level, more] = words;
  if (word === "?" && level === undefined) return levelsOf(pins);
  const line = Object.entries(WORDS).find(([name]) => name === word)?.[1];
  if (line === undefined || (level !== "0" && level !== "1") || more !== undefined) {
    return `error expected boot, en or power with 0 or 1, or ?; got ${JSON.stringify(order.slice(0, LONGEST))}`;
  }
  pins.set(line, level === "1");
  return "ok";
}

const levelsOf = ({ levels }: DrivenPins): string =>
  Object.entries(WORDS)
    .map(([word, line]) => `${word} ${levels[line] ? 1 : 0}`)
    .join(" ");

/** Cuts what comes in pieces into orders, one a line. A line without an end is not obeyed; of an endless one little is kept. */
export function orders(obeyed: (order: string) => void): (text: string) => void {
  let held = "";
  return (text) => {
    const all = (held + text).split("\n");
    held = (all.pop() ?? "").slice(0, LONGEST + 1);
    for (const order of all) obeyed(order);
  };
}

/** Sets the pins as somebody who straps the module would leave them: BOOT is released again. */
export function startAs(how: "rom" | "run" | "off", pins: DrivenPins): void {
  if (how === "off") return;
  pins.set("boot", how === "rom");
  pins.set("chipEn", true);
  pins.set("boot", false);
}
