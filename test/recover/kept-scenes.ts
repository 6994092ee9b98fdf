import type { Scene } from "./faults.js";

/**
 * Scenes that have caught something: each ended wrong while the rule that it names was not there. A scene of `npm run
 * fuzz` that ends wrong comes here. `npm test` plays them beside its random ones.
 */
export const KEPT: readonly (readonly [rule: string, scene: Scene])[] = [
  [
    "an erase whose address was damaged and passed its sum took a file that was proven before",
    {
      plan: "plain",
      contents: "factory",
      faults: [
        { toward: "module", at: 1181, kind: "double", value: 42 },
        { toward: "host", at: 29, kind: "insert", value: 254 },
        { toward: "host", at: 256, kind: "silence", value: 7 },
      ],
      mishaps: [],
      stuck: undefined,
      driven: true,
      seed: 34_127,
    },
  ],
  [
    "a mismatch may be the line's: a damaged chunk, then a module that resets",
    {
      plan: "each",
      contents: "blank",
      faults: [
        { toward: "host", at: 128, kind: "insert", value: 56 },
        { toward: "module", at: 57_595, kind: "silence", value: 98 },
        { toward: "host", at: 68, kind: "double", value: 134 },
      ],
      mishaps: [
        { at: { command: "flashReadJedec", nth: 9 }, do: "reset", count: 1 },
        { at: { command: "flashErase", nth: 4 }, do: "delay", forMs: 1, count: 1 },
      ],
      stuck: undefined,
      driven: false,
      seed: 11,
    },
  ],
  [
    "a refusal with a status that nobody knows may be the line's",
    {
      plan: "each",
      contents: "factory",
      faults: [
        { toward: "module", at: 12_057, kind: "insert", value: 199 },
        { toward: "host", at: 112, kind: "insert", value: 152 },
      ],
      mishaps: [],
      stuck: undefined,
      driven: false,
      seed: 5,
    },
  ],
  [
    "a file is begun again from its erase: power went before the first one had done anything",
    {
      plan: "each",
      contents: "factory",
      faults: [{ toward: "host", at: 480, kind: "insert", value: 255 }],
      mishaps: [{ at: { stage: "erase", fraction: 0, nth: 1 }, do: "cutPower", forMs: 1, count: 1 }],
      stuck: undefined,
      driven: true,
      seed: 2,
    },
  ],
  [
    "and again, four erases in a row, on a rig that drives no lines",
    {
      plan: "each",
      contents: "factory",
      faults: [],
      mishaps: [{ at: { stage: "erase", fraction: 0, nth: 1 }, do: "cutPower", forMs: 1, count: 4 }],
      stuck: undefined,
      driven: false,
      seed: 19_061,
    },
  ],
  [
    "a refusal on the way to the flash may answer an opcode that was damaged",
    {
      plan: "plain",
      contents: "factory",
      faults: [{ toward: "module", at: 332, kind: "flip", value: 16 }],
      mishaps: [],
      stuck: undefined,
      driven: true,
      seed: 28_503,
    },
  ],
  [
    "what a module said once, after two losses of power, is not held against it",
    {
      plan: "chip",
      contents: "blank",
      faults: [
        { toward: "module", at: 44_230, kind: "insert", value: 138 },
        { toward: "host", at: 412, kind: "flip", value: 183 },
      ],
      mishaps: [{ at: { command: "flashWriteCheck", nth: 2 }, do: "cutPower", forMs: 1176, count: 3 }],
      stuck: undefined,
      driven: false,
      seed: 58_848,
    },
  ],
];
