import { HarnessError } from "../harness/base/errors.js";
import type { RunSummary } from "./row.js";

interface Run {
  readonly folder: string;
  readonly story: { readonly summary: RunSummary };
}

/** @throws HarnessError USAGE, naming both, for two runs that are not parts of one. */
export function refuseUnlike(runs: readonly Run[]): void {
  const [first] = runs;
  for (const run of runs) {
    refuseBadShard(run);
    if (run.story.summary.ab !== undefined)
      throw new HarnessError(
        "USAGE",
        `${run.folder}: it compares two firmwares on one rig, and is no part of another run`,
      );
    if (run.story.summary.sweep !== undefined)
      throw new HarnessError("USAGE", `${run.folder}: it maps one module on one rig, and is no part of another run`);
    if (first === undefined) continue;
    refuse("seed", first, run, ({ seed }) => seed);
    refuse("stress plan", first, run, ({ stress }) => JSON.stringify(stress?.plan) ?? "none");
    refuse("number of shards", first, run, ({ shard }) => shard?.of ?? "none");
    if (first.story.summary.shard !== undefined) refuse("plan", first, run, ({ plan }) => plan ?? "none");
  }
  const shards = new Map<string, Run>();
  const firmwares = new Map<string, Run>();
  const rigs = new Map<string, Run>();
  for (const run of runs) {
    const { shard, firmwares: labels, rigs: used } = run.story.summary;
    const twice = shard && shards.get(`${shard.index}`);
    if (shard && twice) throw unlike(twice, run, `both are shard ${shard.index}/${shard.of}`);
    if (shard) shards.set(`${shard.index}`, run);
    for (const label of Object.keys(labels)) {
      const before = firmwares.get(label);
      if (before) refuse(`firmware ${label}`, before, run, (summary) => summary.firmwares[label] ?? "none");
      else firmwares.set(label, run);
    }
    for (const { name } of used) {
      const before = rigs.get(name);
      if (before) refuse(`rig ${name}`, before, run, (summary) => kindOf(name, summary));
      // A test that has decided is not gone on with.
      if (before && run.story.summary.stress) throw unlike(before, run, `both stress ${name}`);
      else rigs.set(name, run);
    }
  }
}

const kindOf = (name: string, { rigs }: RunSummary): string =>
  rigs.find((rig) => rig.name === name)?.simulated ? "a simulated module" : "a real one";

function refuseBadShard({ folder, story }: Run): void {
  const { index, of } = story.summary.shard ?? { index: 1, of: 1 };
  if (index < 1 || index > of || of > MOST_SHARDS)
    throw new HarnessError("USAGE", `${folder}: expected a shard of 1/${of} to ${of}/${of}, found ${index}/${of}`);
}
/** Nobody has so many: each that is missing is told. */
const MOST_SHARDS = 10_000;

function refuse(what: string, one: Run, other: Run, saysOf: (summary: RunSummary) => string | number): void {
  const [a, b] = [saysOf(one.story.summary), saysOf(other.story.summary)];
  if (a !== b) throw unlike(one, other, `${what}: ${a} there, ${b} here`);
}

const unlike = (one: Run, other: Run, why: string): HarnessError =>
  new HarnessError("USAGE", `${one.folder} and ${other.folder} are not parts of one run: ${why}`, {
    advice: "Merge shards of one run, or runs of different rigs with the same firmwares and seed.",
  });
