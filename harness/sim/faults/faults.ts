import type { CommandName } from "../../protocol/commands.js";
import { ByteFaults } from "./bytes.js";
import type { Fault, FaultStage } from "./options.js";

/** What of a fault concerns the whole module. */
export interface Blows {
  /** The module says nothing any more until its next reset. */
  silence(): void;
  cutPower(forMs: number): void;
  /** The die resets itself. */
  reset(): void;
}

/** Which faults happen now: it counts commands, bytes and operations since the module was made. */
export class Faults {
  readonly host: ByteFaults;
  readonly module: ByteFaults;
  #all: readonly Fault[];
  readonly #struck = new Set<Fault>();
  readonly #random: () => number;
  readonly #blows: Blows;
  readonly #seen = new Map<string, number>();

  /** @param random for probabilities, and for which bit or byte it is: from 0 to 1. */
  constructor(all: readonly Fault[], random: () => number, blows: Blows) {
    this.#all = all;
    this.#random = random;
    this.#blows = blows;
    const happens = (fault: Fault) => this.#happens(fault);
    this.host = new ByteFaults(all, "host", happens);
    this.module = new ByteFaults(all, "module", happens);
  }

  /** Counts what is in `faults` from now on. @returns them as they are counted here: what `disarm` and `hasStruck` know them by. */
  arm(faults: readonly Fault[]): Fault[] {
    const armed = faults.map((fault) => this.#fromNow(fault));
    this.#set([...this.#all, ...armed]);
    return armed;
  }

  disarm(armed: readonly Fault[]): void {
    this.#set(this.#all.filter((fault) => !armed.includes(fault)));
  }

  hasStruck(fault: Fault): boolean {
    return this.#struck.has(fault);
  }

  /** The faults of the next command of this name. */
  command(name: CommandName): Fault[] {
    return this.#nth(name, ({ at }) => (at.kind === "command" && at.command === name ? at.nth : undefined));
  }

  /** The faults of the next operation of this kind, each at its fraction. */
  operation(stage: FaultStage): Fault[] {
    return this.#nth(stage, ({ at }) => (at.kind === "stage" && at.stage === stage ? at.nth : undefined));
  }

  /** Those that have a time, whether or not it has come; `come` says that it has. */
  get timed(): readonly { readonly ms: number; readonly come: () => void }[] {
    return this.#all.flatMap((fault) => {
      const come = () => void (this.#happens(fault) && this.strike(fault));
      return fault.at.kind === "ms" ? [{ ms: fault.at.ms, come }] : [];
    });
  }

  /** Does what concerns the whole module; of any other fault nothing happens here. */
  strike({ do: action, forMs }: Fault): void {
    if (action === "silent") this.#blows.silence();
    if (action === "cutPower") this.#blows.cutPower(forMs);
    if (action === "reset") this.#blows.reset();
  }

  /** One of the numbers from 0 up to `count`, which it never is. */
  pick(count: number): number {
    return Math.min(count - 1, Math.floor(this.#random() * count));
  }

  #nth(what: string, from: (fault: Fault) => number | undefined): Fault[] {
    const nth = (this.#seen.get(what) ?? 0) + 1;
    this.#seen.set(what, nth);
    return this.#all.filter((fault) => {
      const first = from(fault);
      return first !== undefined && nth >= first && nth < first + fault.count && this.#happens(fault);
    });
  }

  #happens(fault: Fault): boolean {
    const happens = fault.probability === 1 || this.#random() < fault.probability;
    if (happens) this.#struck.add(fault);
    return happens;
  }

  #set(all: readonly Fault[]): void {
    this.#all = all;
    this.host.set(all);
    this.module.set(all);
  }

  #fromNow(fault: Fault): Fault {
    const { at } = fault;
    switch (at.kind) {
      case "command":
        return { ...fault, at: { ...at, nth: at.nth + (this.#seen.get(at.command) ?? 0) } };
      case "stage":
        return { ...fault, at: { ...at, nth: at.nth + (this.#seen.get(at.stage) ?? 0) } };
      case "byte":
        return { ...fault, at: { ...at, byte: at.byte + this[at.dir].passed } };
      case "ms":
        return fault;
    }
  }
}

/** `bytes` with one bit of them the other way round. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const at = bit >> 3;
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (bit & 7)));
}
