/** What a scenario file may import: `import { scenario } from "st67-hil"`. */
export { HarnessError } from "../base/errors.js";
export { STRAP_SCENARIO, type StrapPoint, type StrapTiming } from "../base/strap-timing.js";
export type { BroughtBack } from "../brick/back.js";
export { CAUSES, type Cause, needsOf } from "../brick/causes.js";
export type { Interrupted, Interruption } from "../brick/interrupt.js";
export { type Moment, momentsOf, tellMoment } from "../brick/moments.js";
export { type FlashOperation, operationsOf } from "../flash/operations.js";
export type { Plan } from "../flash/plan.js";
export type { BootProof } from "../flash/prove.js";
export { blankedBy, sparedBy } from "../flash/spared.js";
export { parseFw, parseMacs, parseNetMode, parsePartNumber, parseParts, parseVersions } from "../ncp/answers.js";
export { readUpdate, type UpdateFile } from "../ncp/update-file.js";
export type { BootRom } from "../session/rom.js";
export type { Session } from "../session/session.js";
export { updateOf } from "./container.js";
export { newestOf, plannedOf } from "./newest.js";
export {
  type Bench,
  type Firmware,
  type FlashOptions,
  type Matrix,
  type Parameter,
  type Scenario,
  scenario,
  type UpdateBreak,
} from "./scenario.js";
export { changed } from "./variant.js";
