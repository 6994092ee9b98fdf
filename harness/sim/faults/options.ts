import { z } from "zod";
import { COMMANDS, type CommandName } from "../../protocol/commands.js";

const whole = (first: number, last: number) => z.int().min(first).max(last);
/** No fault is counted further, and none lasts longer than ten minutes. */
const MOST = 1_000_000_000;
const LONGEST_MS = 600_000;

const ACTIONS = ["drop", "flip", "insert", "delay", "silent", "cutPower", "reset"] as const;
const STAGES = ["erase", "program", "hash"] as const;
const NAMES = Object.keys(COMMANDS) as CommandName[];

/** What the silicon does long enough to be interrupted: one command's worth of it. */
export type FaultStage = (typeof STAGES)[number];

/** When a fault happens; everything is counted from when the module was made. */
type Moment =
  /** The `nth` command of this name, from 1: known, whole, and with a checksum that holds. */
  | { readonly kind: "command"; readonly command: CommandName; readonly nth: number }
  /** The byte with this number, from 0, that the host sends, or the module. */
  | { readonly kind: "byte"; readonly byte: number; readonly dir: "host" | "module" }
  /** After this part, 0 to 1, of the time of the `nth` such operation, from 1. */
  | { readonly kind: "stage"; readonly stage: FaultStage; readonly nth: number; readonly fraction: number }
  /** On the module's clock. */
  | { readonly kind: "ms"; readonly ms: number };

const KINDS = ["command", "byte", "stage", "ms"] as const;
/** What else may stand beside them. */
const BESIDE = {
  command: ["nth"],
  byte: ["dir"],
  stage: ["nth", "fraction"],
  ms: [],
} as const satisfies Record<Moment["kind"], readonly string[]>;

/** What can happen at each. */
const MEANT = {
  command: [...ACTIONS, "refuse"],
  byte: ACTIONS,
  stage: ["drop", "delay", "silent", "cutPower", "reset", "refuse"],
  ms: ["silent", "cutPower", "reset"],
} as const satisfies Record<Moment["kind"], readonly string[]>;
const PLACES = { command: "a command", byte: "a byte", stage: "a stage", ms: "a time" } as const;

/** One group of fields, not a union of four: a mistake then names its own field. */
const At = z.lazy(() =>
  z
    .strictObject({
      command: z.enum(NAMES).optional(),
      nth: whole(1, MOST).optional(),
      byte: whole(0, MOST).optional(),
      dir: z.enum(["host", "module"]).optional(),
      stage: z.enum(STAGES).optional(),
      fraction: z.number().min(0).max(1).optional(),
      ms: z.number().min(0).max(MOST).optional(),
    })
    .transform((at, context): Moment => {
      const refuse = (message: string, ...path: string[]) => {
        context.issues.push({ code: "custom", input: at, message, path });
        return z.NEVER;
      };
      const [kind, other] = KINDS.filter((name) => at[name] !== undefined);
      if (kind === undefined || other !== undefined) {
        return refuse("expected exactly one of: command, with nth; byte, with dir; stage, with fraction and nth; ms");
      }
      const beside: readonly string[] = BESIDE[kind];
      const stray = Object.entries(at).find(
        ([name, value]) => value !== undefined && name !== kind && !beside.includes(name),
      );
      if (stray !== undefined)
        return refuse(`expected nothing: ${stray[0]} means nothing at ${PLACES[kind]}`, stray[0]);
      const { command, nth = 1, byte, dir, stage, fraction = HALFWAY, ms } = at;
      if (command !== undefined) return { kind: "command", command, nth };
      if (stage !== undefined) return { kind: "stage", stage, nth, fraction };
      if (ms !== undefined) return { kind: "ms", ms };
      if (byte === undefined || dir === undefined) return refuse("expected host or module: whose byte it is", "dir");
      return { kind: "byte", byte, dir };
    }),
);

const HALFWAY = 0.5;

const Do = z.lazy(() =>
  z.union([z.enum(ACTIONS), z.strictObject({ refuse: whole(1, 0xffff) })], {
    error: `expected one of ${ACTIONS.join(", ")} or { refuse: status from 1 to 0xFFFF }`,
  }),
);

/** How long a `delay` and a power cut last where nobody says. A power cut: as long as a rig's own. */
const LASTS_MS = { delay: 1000, cutPower: 500 } as const;

/**
 * Something that goes wrong, once or a few times. What each action is at a command, a byte, a stage or a time stands in
 * the manual of the simulated module; what would mean nothing there is refused.
 */
export const Fault = z.lazy(() =>
  z
    .strictObject({
      at: At,
      do: Do,
      /** So many times in a row: this command and the next ones of its name, this byte and the next ones, and so on. */
      count: whole(1, MOST).default(1),
      /** That it happens, each time: 0 to 1. */
      probability: z.number().min(0).max(1).default(1),
      /** How long a `delay` or a power cut lasts. */
      forMs: z.number().positive().max(LONGEST_MS).optional(),
    })
    .transform(({ forMs, ...fault }, context) => {
      const { at, count } = fault;
      const action = typeof fault.do === "string" ? fault.do : "refuse";
      const refuse = (message: string, ...path: string[]) => {
        context.issues.push({ code: "custom", input: fault, message, path });
        return z.NEVER;
      };
      const meant: readonly string[] = MEANT[at.kind];
      if (!meant.includes(action) || (action === "drop" && at.kind === "stage" && at.stage === "hash")) {
        const others = meant.filter((one) => one !== action).join(", ");
        const where = at.kind === "stage" ? `the stage ${at.stage}` : PLACES[at.kind];
        return refuse(`expected one of ${others}: ${action} means nothing at ${where}`, "do");
      }
      if (at.kind === "ms" && count > 1) return refuse("expected 1: a time comes once", "count");
      const lasts = action === "delay" || action === "cutPower" ? LASTS_MS[action] : undefined;
      if (lasts === undefined && forMs !== undefined)
        return refuse(`expected nothing: ${action} has no length`, "forMs");
      return { ...fault, forMs: forMs ?? lasts ?? 0 };
    }),
);
export type Fault = Readonly<z.output<typeof Fault>>;
