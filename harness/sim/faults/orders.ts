import { z } from "zod";
import { HarnessError } from "../../base/errors.js";
import type { ArmedFaults, FaultMaker, FaultOrders } from "../../base/wire.js";
import type { SimOptions } from "../options.js";
import type { Faults } from "./faults.js";
import { Fault } from "./options.js";

/** A time is not counted from an order on: whoever gives one can wait by itself. */
const Ordered = Fault.refine(({ at }) => at.kind !== "ms", {
  message: "expected command, byte or stage",
  path: ["at"],
});

/** Slower than so much nothing is waited for. */
const SLOWEST = 1_000_000;

const Orders = z.strictObject({
  faults: z.array(Ordered).default([]),
  quirks: z.strictObject({ t01Reflash: z.boolean().optional() }).default({}),
  flash: z.strictObject({ slower: z.number().min(1).max(SLOWEST).optional() }).default({}),
});

/** What an order makes of the module, beside its faults: what it does not say stays. */
interface Change {
  readonly t01Reflash: boolean | undefined;
  readonly slower: number | undefined;
}

/** Takes orders for faults while the module is at work, and takes back what nobody has taken back. */
export class OrderedFaults implements FaultMaker {
  readonly #faults: Faults;
  readonly #options: Pick<SimOptions, "quirks" | "flash">;
  /** As the rig file has them. */
  readonly #own: { readonly t01Reflash: boolean; readonly flash: SimOptions["flash"] };
  /** The oldest first. */
  readonly #armed = new Map<ArmedFaults, Change>();

  /** @param options are changed by orders: whoever reads quirks at a reset, and times at a command, sees it. */
  constructor(faults: Faults, options: Pick<SimOptions, "quirks" | "flash">) {
    this.#faults = faults;
    this.#options = options;
    this.#own = { t01Reflash: options.quirks.t01Reflash, flash: { ...options.flash } };
  }

  arm(orders: FaultOrders): ArmedFaults {
    const parsed = Orders.safeParse(orders);
    if (!parsed.success)
      throw new HarnessError("SCENARIO_INVALID", `faults to order: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    const faults = this.#faults;
    const { quirks, flash } = parsed.data;
    const struckBy = faults.arm(parsed.data.faults);
    const armed: ArmedFaults = {
      get struck() {
        return struckBy.every((fault) => faults.hasStruck(fault));
      },
      disarm: () => {
        if (!this.#armed.delete(armed)) return;
        faults.disarm(struckBy);
        this.#apply();
      },
    };
    this.#armed.set(armed, { t01Reflash: quirks.t01Reflash, slower: flash.slower });
    this.#apply();
    return armed;
  }

  disarm(): void {
    for (const armed of [...this.#armed.keys()]) armed.disarm();
  }

  /** Of several orders that stand, the newest that says something counts. */
  #apply(): void {
    const { t01Reflash, flash } = this.#own;
    const changes = [...this.#armed.values()].reverse();
    const said = <K extends keyof Change>(key: K) => changes.find((change) => change[key] !== undefined)?.[key];
    this.#options.quirks.t01Reflash = said("t01Reflash") ?? t01Reflash;
    const slower = said("slower") ?? 1;
    this.#options.flash.pageMs = flash.pageMs * slower;
    this.#options.flash.sectorEraseMs = flash.sectorEraseMs * slower;
    this.#options.flash.chipEraseMs = flash.chipEraseMs * slower;
  }
}
