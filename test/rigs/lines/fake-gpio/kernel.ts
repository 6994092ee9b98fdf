import { ENODEV, type Entry } from "./fuse.js";

const EPERM = -1;
const EBUSY = -16;
const EINVAL = -22;

interface FakeChip {
  readonly label: string;
  readonly base: number;
  readonly lines: number;
}

/** What a kernel is made to be; numbers of lines are those of sysfs. */
export interface Plan {
  readonly chips: readonly FakeChip[];
  /** Lines that somebody else has. */
  readonly held?: readonly number[];
  /** Lines that are exported at the start: in, or out with a level. */
  readonly exported?: Readonly<Record<number, "in" | 0 | 1>>;
  /** Not exported, and outputs all the same: the firmware made them so. */
  readonly outputs?: Readonly<Record<number, 0 | 1>>;
  /** Pins that something outside holds at a level, whoever drives them. */
  readonly stuck?: Readonly<Record<number, 0 | 1>>;
  readonly activeLow?: readonly number[];
  /** Milliseconds from the export until the files are there, and until a process may use them; -1: never. */
  readonly filesAfterMs?: number;
  readonly accessAfterMs?: number;
}

/** What happened to the lines: `export 529`, and pins that moved: `529 in`, `529 0`, `529 1`. */
export type Log = readonly { readonly ms: number; readonly what: string }[];

interface Pin {
  output: boolean;
  latch: 0 | 1;
}

/** The kernel's GPIO files over pins of its own; a file `log` beside them tells what happened. */
export class FakeKernel implements Entry {
  readonly #plan: Plan;
  readonly #pins = new Map<number, Pin>();
  readonly #exported = new Map<number, Entry>();
  readonly #log: Log[number][] = [];
  readonly #fixed: ReadonlyMap<string, Entry>;

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const [number, latch] of Object.entries(plan.outputs ?? {}))
      this.#pins.set(Number(number), { output: true, latch });
    for (const [number, state] of Object.entries(plan.exported ?? {})) {
      this.#pins.set(Number(number), { output: state !== "in", latch: state === 1 ? 1 : 0 });
      this.#exported.set(Number(number), this.#folder(Number(number), true));
    }
    const chips = plan.chips.map(({ label, base, lines }): [string, Entry] => [
      `gpiochip${base}`,
      folderOf({ label: constant(label), base: constant(base), ngpio: constant(lines) }),
    ]);
    this.#fixed = new Map<string, Entry>([
      ...chips,
      ["export", { write: (text) => this.#export(Number(text)) }],
      ["unexport", { write: (text) => this.#unexport(Number(text)) }],
      ["log", { read: () => JSON.stringify(this.#log) }],
    ]);
  }

  entries(): ReadonlyMap<string, Entry> {
    const due = [...this.#exported].filter(([, entry]) => entry.entries?.().size !== 0);
    return new Map([...this.#fixed, ...due.map(([number, entry]): [string, Entry] => [`gpio${number}`, entry])]);
  }

  /** Files that are still open somewhere are dead from now on. */
  end(): void {
    this.#exported.clear();
  }

  #export(number: number): number {
    if (!this.#plan.chips.some(({ base, lines }) => number >= base && number < base + lines)) return EINVAL;
    if (this.#exported.has(number) || this.#plan.held?.includes(number)) return EBUSY;
    this.#note(`export ${number}`);
    this.#exported.set(number, this.#folder(number, false));
    return 0;
  }

  /** As where persist_gpio_outputs is N: the pin becomes an input. */
  #unexport(number: number): number {
    if (!this.#exported.delete(number)) return EINVAL;
    this.#note(`unexport ${number}`);
    this.#move(number, (pin) => {
      pin.output = false;
    });
    return 0;
  }

  #folder(number: number, old: boolean): Entry {
    const start = performance.now();
    const after = (ms = 0) => old || (ms >= 0 && performance.now() >= start + ms);
    const files = new Map<string, Entry>();
    const live = () => this.#exported.get(number) === folder;
    const file = (name: string, read: () => string | number, write: (text: string) => number) =>
      files.set(name, {
        allowed: () => after(this.#plan.accessAfterMs),
        read: () => (live() ? `${read()}\n` : ENODEV),
        write: (text) => (live() ? write(text) : ENODEV),
      });
    let activeLow = this.#plan.activeLow?.includes(number) === true;
    file(
      "direction",
      () => (this.#pin(number).output ? "out" : "in"),
      (text) => this.#direct(number, text),
    );
    file(
      "value",
      () => Number(activeLow) ^ this.#level(number),
      (text) => this.#drive(number, (Number(text) ^ Number(activeLow)) === 0 ? 0 : 1),
    );
    file(
      "active_low",
      () => Number(activeLow),
      (text) => {
        activeLow = text === "1";
        return 0;
      },
    );
    file(
      "edge",
      () => "none",
      () => 0,
    );
    const folder: Entry = { entries: () => (after(this.#plan.filesAfterMs) ? files : new Map()) };
    return folder;
  }

  #direct(number: number, text: string): number {
    if (!["in", "out", "high", "low"].includes(text)) return EINVAL;
    this.#move(number, (pin) => {
      pin.output = text !== "in";
      if (pin.output) pin.latch = text === "high" ? 1 : 0;
    });
    return 0;
  }

  #drive(number: number, level: 0 | 1): number {
    if (!this.#pin(number).output) return EPERM;
    this.#move(number, (pin) => {
      pin.latch = level;
    });
    return 0;
  }

  #move(number: number, change: (pin: Pin) => void): void {
    const pin = this.#pin(number);
    const tell = () => `${number} ${pin.output ? pin.latch : "in"}`;
    const before = tell();
    change(pin);
    if (tell() !== before) this.#note(tell());
  }

  #pin(number: number): Pin {
    const pin = this.#pins.get(number) ?? { output: false, latch: 0 };
    this.#pins.set(number, pin);
    return pin;
  }

  #level(number: number): 0 | 1 {
    const { output, latch } = this.#pin(number);
    return this.#plan.stuck?.[number] ?? (output ? latch : 0);
  }

  #note(what: string): void {
    this.#log.push({ ms: performance.now(), what });
  }
}

const constant = (value: string | number): Entry => ({ read: () => `${value}\n` });

function folderOf(files: Record<string, Entry>): Entry {
  const all = new Map(Object.entries(files));
  return { entries: () => all };
}
