import type { Scenario } from "../harness/run/index.js";
import bootWithoutStrap from "./boot-without-strap.js";
import crossFlash from "./cross-flash.js";
import flashAndBoot from "./flash-and-boot.js";
import identify from "./identify.js";
import reflash from "./reflash.js";

/** The scenarios that ship with the package, in the order in which they run: what breaks all comes first. */
export const SCENARIOS: readonly Scenario[] = [identify, bootWithoutStrap, flashAndBoot, reflash, crossFlash];
