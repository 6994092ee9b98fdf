import type { Fact } from "../../harness/base/events.js";
import type { Bay } from "../../harness/base/wire.js";
import { expand } from "../../harness/run/matrix.js";
import { type Ended, runCase } from "../../harness/run/runner.js";
import { type Bench, scenario } from "../../harness/run/scenario.js";
import { simBench } from "./bench.js";
import { scratch } from "./scratch.js";

/** A bench as a body without types has it. */
export type Untyped = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/**
 * How one body ends, and what it told. No compiler has seen it: a scenario file's types are only stripped.
 *
 * @throws Error for what does not cross to the dispatcher as it is.
 */
export async function play(body: (bench: Untyped) => unknown): Promise<Ended & { readonly facts: readonly Fact[] }> {
  using folder = scratch();
  const { rig, clock } = simBench();
  const open = async () => ({ ...rig, [Symbol.asyncDispose]: async () => undefined });
  const bay: Bay = { name: "bench", labels: [], simulated: true, open };
  const facts: Fact[] = [];
  const emit = (fact: Fact) => void facts.push(fact);
  const run = body as unknown as (bench: Bench) => Promise<void>;
  const [one] = expand(scenario({ name: "one", run }), { firmwares: [] }, undefined);
  if (one === undefined) throw new Error("a scenario without parameters is one case");
  const { signal } = new AbortController();
  const ended = await runCase(one, bay, { clock, emit, signal, seed: 1, folder: folder.path });
  return { ...(JSON.parse(JSON.stringify(ended)) as Ended), facts };
}
