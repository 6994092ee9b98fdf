/** What a scenario file may import: `import { scenario } from "st67-hil"`. */
export { HarnessError } from "../base/errors.js";
export type { BootProof } from "../flash/prove.js";
export { sparedBy } from "../flash/spared.js";
export type { BootRom } from "../session/rom.js";
export type { Session } from "../session/session.js";
export { type Bench, type Firmware, type Matrix, type Parameter, type Scenario, scenario } from "./scenario.js";
export { changed } from "./variant.js";
