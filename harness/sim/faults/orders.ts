import { z } from "zod";
import { HarnessError } from "../../base/errors.js";
import type { ArmedFaults, FaultMaker, FaultOrders } from "../../base/wire.js";
import type { Quirks } from "../quirks.js";
import type { Faults } from "./faults.js";
import { Fault } from "./options.js";

/** A time is not counted from an order on: whoever gives one can wait by itself. */
const Ordered = Fault.refine(({ at }) => at.kind !== "ms", {
  message: "expected command, byte or stage",
  path: ["at"],
});

const Orders = z.strictObject({
  faults: z.array(Ordered).default([]),
  quirks: z.strictObject({ t01Reflash: z.boolean().optional() }).default({}),
});

/** Takes orders for faults while the module is at work, and takes back what nobody has taken back. */
export class OrderedFaults implements FaultMaker {
  readonly #faults: Faults;
  readonly #quirks: Quirks;
  readonly #armed = new Set<ArmedFaults>();

  /** @param quirks are changed by orders: whoever reads them at a reset sees it. */
  constructor(faults: Faults, quirks: Quirks) {
    this.#faults = faults;
    this.#quirks = quirks;
  }

  arm(orders: FaultOrders): ArmedFaults {
    const parsed = Orders.safeParse(orders);
    if (!parsed.success)
      throw new HarnessError("SCENARIO_INVALID", `faults to order: ${z.prettifyError(parsed.error)}`, {
        cause: parsed.error,
      });
    const faults = this.#faults;
    const struckBy = faults.arm(parsed.data.faults);
    const { t01Reflash: before } = this.#quirks;
    this.#quirks.t01Reflash = parsed.data.quirks.t01Reflash ?? before;
    const armed: ArmedFaults = {
      get struck() {
        return struckBy.every((fault) => faults.hasStruck(fault));
      },
      disarm: () => {
        if (!this.#armed.delete(armed)) return;
        faults.disarm(struckBy);
        this.#quirks.t01Reflash = before;
      },
    };
    this.#armed.add(armed);
    return armed;
  }

  /** The newest first: each brings back what it found. */
  disarm(): void {
    for (const armed of [...this.#armed].reverse()) armed.disarm();
  }
}
