import { HarnessError } from "../base/errors.js";
import type { Fact } from "../base/events.js";
import { Erases, type Range, wearOf } from "./wear.js";

/** What a rig's file says of the module on it. */
export interface WornRig {
  readonly name: string;
  /** Erases of its most erased sector that a module may take from us. */
  readonly eraseBudget: number;
  /** As boot info tells it; `undefined`: not known before the first erase. */
  readonly chipId: string | undefined;
}

/** How much of its flash a module has left for us: by what the history knows, and what this run has done. */
export class WearBudget {
  readonly #rigs: ReadonlyMap<string, WornRig>;
  readonly #erases: Erases;
  readonly #chips = new Map<string, string>();
  /** By case: the rig that it runs on. */
  readonly #places = new Map<string, string>();
  /** By rig; what an erase makes untrue. */
  readonly #worn = new Map<string, { readonly chip: string; readonly erases: number }>();

  /** @param rigs without the simulated ones, whose wear nobody counts. @param past erases of all chips. */
  constructor(rigs: readonly WornRig[], past: readonly Range[]) {
    this.#rigs = new Map(rigs.map((rig) => [rig.name, rig]));
    this.#erases = new Erases(rigs.length === 0 ? [] : past);
    for (const { name, chipId } of rigs) if (chipId !== undefined) this.#chips.set(name, chipId);
  }

  hear(fact: Fact): void {
    if (fact.type === "case.started") this.#places.set(fact.case, fact.rig);
    if (fact.type === "case.ended") this.#places.delete(fact.case);
    if (fact.type !== "wear") return;
    const rig = fact.rig ?? this.#places.get(fact.case ?? "") ?? "";
    if (!this.#rigs.has(rig)) return;
    const { chip, first, sectors } = fact;
    this.#worn.clear();
    this.#chips.set(rig, chip);
    this.#erases.add({ chip, first, ...(sectors !== undefined && { sectors }) });
  }

  /** Why a rig's module is to be erased no more; `undefined`: it may be. */
  spent(rig: string): string | undefined {
    const { eraseBudget = 0 } = this.#rigs.get(rig) ?? {};
    const worn = this.#wornBy(rig);
    if (worn === undefined || worn.erases < eraseBudget) return undefined;
    return `module ${worn.chip}: its most erased sector was erased ${worn.erases} times (wear.eraseBudget ${eraseBudget})`;
  }

  /**
   * Before anything is touched.
   *
   * @param erases that are to come, of every sector, of the module of each rig.
   * @throws HarnessError WEAR_BUDGET.
   */
  refuseBeyond(erases: number): void {
    for (const [rig, { eraseBudget }] of this.#rigs) {
      const worn = this.#wornBy(rig);
      const before = worn?.erases ?? 0;
      if (before + erases <= eraseBudget) continue;
      const of = worn === undefined ? "its module" : `module ${worn.chip}`;
      throw new HarnessError(
        "WEAR_BUDGET",
        `${rig}: ${of} has taken ${before} erases of its most erased sector, and ${erases} more are over wear.eraseBudget, ${eraseBudget}`,
      );
    }
  }

  #wornBy(rig: string): { readonly chip: string; readonly erases: number } | undefined {
    const chip = this.#chips.get(rig);
    if (chip === undefined) return undefined;
    const known = this.#worn.get(rig);
    if (known !== undefined) return known;
    const [{ erases } = { erases: 0 }] = wearOf(this.#erases.ranges().filter((range) => range.chip === chip));
    this.#worn.set(rig, { chip, erases });
    return { chip, erases };
  }
}
