import { resolve } from "node:path";
import type { Redis } from "ioredis";
import pkg from "../../../package.json" with { type: "json" };
import { loadRig } from "../../../rigs/file/load.js";
import { count } from "../../base/count.js";
import { HarnessError } from "../../base/errors.js";
import type { Fact } from "../../base/events.js";
import { didYouMean } from "../../base/nearest.js";
import { FolderBlobs, RedisBlobs } from "../../farm/blobs.js";
import { cut } from "../../farm/cut.js";
import { sendParcel } from "../../farm/depot.js";
import { hold } from "../../farm/hold.js";
import { KEYS } from "../../farm/keys.js";
import type { Order, Told } from "../../farm/messages.js";
import { parcelOf } from "../../farm/parcel.js";
import { readRigs } from "../../farm/rigs-seen.js";
import { scenariosHash } from "../../farm/scenarios-hash.js";
import { tellRun } from "../../farm/stream.js";
import { KEPT_MS } from "../../farm/tenure.js";
import { askedBy } from "../../run/lanes/choose.js";
import { type Choice, selectionOf } from "../options/cases.js";
import { list, SIM } from "../options/options.js";
import { crewsOf, type Wanted } from "../run/crews.js";
import type { Place } from "../run/outputs.js";
import { Past, type PastArgs } from "../run/past.js";
import { planned } from "../run/plan.js";
import { type Entry, quarantined } from "../run/quarantine.js";
import type { Telling } from "../run/reported.js";
import { tellStart } from "../run/start.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { print, printJson, tell } from "../terminal/output.js";
import { openRedis, thisOwner } from "./redis.js";
import { handOut, writeDown } from "./write-down.js";

/** What `farm run` was asked for. */
export interface FarmRunArgs
  extends Omit<Wanted, "configs" | "wait">,
    Choice,
    Omit<PastArgs, "configs" | "rig">,
    Telling {
  /** Names of rigs of the farm; none: whichever can. */
  readonly rig?: readonly string[] | undefined;
  readonly redis: string | undefined;
  readonly shared: string | undefined;
  readonly maxFailures?: number | undefined;
  readonly retries?: number | undefined;
  readonly timeBudget?: { readonly ms: number; readonly shown: string } | undefined;
  readonly traces: "all" | "failed";
  /** Milliseconds. */
  readonly lease: number;
  readonly patience: number;
  readonly detach: boolean;
}

/** Cuts the cases into jobs, hands them to the farm, and writes down what becomes of them. @returns the exit code. */
export async function farmRun(
  args: FarmRunArgs,
  place: Place,
  quarantine: readonly Entry[],
  interrupt: Interrupt,
): Promise<number> {
  const { signal } = interrupt;
  await using client = await openRedis(args.redis);
  const wanted = { ...args, configs: [loadRig(SIM, [])], wait: false };
  // What cases there are is told by a lane of this machine; its rig is never opened.
  const [crew] = crewsOf(wanted, { folder: undefined, emit: () => undefined, signal });
  if (crew === undefined) throw new HarnessError("INTERNAL", "no crew for a rig");
  await using _ending = { [Symbol.asyncDispose]: () => crew.end() };
  const plan = await planned([crew], args);
  const { firmwares, files } = await crew.identify(plan.firmwares);
  await crew.end();
  const held = quarantined(quarantine, plan.cases, place.wallTime.slice(0, "2026-11-28".length));
  const rigs = await readRigs(client);
  const named = list("rig", args.rig);
  await refuseUnknown(client, named);
  if (args.firmware === undefined && rigs.length > 0 && !rigs.some((each) => each.simulated))
    throw new HarnessError("USAGE", "--firmware: real modules need the vendor's NCP_Binaries folder");
  const simulated = rigs.length > 0 && rigs.every((each) => each.simulated);
  const past = await Past.of({ ...args, rig: [], configs: [], simulated }, place, plan, args.shard);
  const parcel = args.firmware === undefined ? undefined : parcelOf(args.firmware);
  if (parcel !== undefined)
    await sendParcel(
      parcel,
      args.shared === undefined ? new RedisBlobs(client) : new FolderBlobs(resolve(args.shared)),
    );
  const selection = selectionOf(args);
  const cases = plan.cases.filter(({ as }) => !held.reasons.has(as));
  const order: Order = {
    ...{ runId: place.runId, wallTime: place.wallTime, harness: pkg.version, seed: args.seed, traces: args.traces },
    scenarios: scenariosHash(args.files),
    asked: askedBy(selection).map((each) => [...each]),
    profiles: list("profile", args.profile),
    versions: list("fw-version", args.fwVersion),
    ...(args.timeout !== undefined && { timeoutMs: args.timeout }),
    ...{ graceMs: args.grace, deafMs: args.deaf },
    ...(parcel !== undefined && { firmware: parcel.id }),
    retries: args.retries ?? 0,
    night: selection.suites.includes("nightly"),
    ...(args.timeBudget !== undefined && { budget: args.timeBudget }),
    ...(args.maxFailures !== undefined && { maxFailures: args.maxFailures }),
    jobs: cut(args.timeBudget === undefined ? [cases] : await past.byValue(cases, firmwares), {
      rigs: named.length || rigs.length,
      named: named.map((name) => ({ rig: name, has: rigs.find(({ rig }) => rig === name)?.has })),
      synthetic: parcel === undefined,
    }),
  };
  const self = thisOwner();
  const isNew = await client.set(KEYS.order(order.runId), JSON.stringify(order), "PX", KEPT_MS, "NX");
  if (isNew === null)
    throw new HarnessError("USAGE", `--run-id ${order.runId}: the farm has a run of that name already`, {
      advice: `\`st67-hil farm attach ${order.runId}\` goes on with it.`,
    });
  await client.sadd(KEYS.runs, order.runId);
  await hold(client, KEYS.clerk(order.runId), self, args.lease);
  const facts: Told[] = [];
  const emit = (fact: Fact, atMs: number) => void facts.push({ kind: "fact", atMs, fact });
  const on = (named.length > 0 ? named : rigs.map(({ rig }) => rig)).map((name) => ({
    name,
    simulated: rigs.some(({ rig, simulated: sim }) => rig === name && sim),
  }));
  // Names of rigs of the farm are no rig files, which `run --resume` could go on with.
  const { rig: _, ...kept } = args;
  tellStart(plan, on, kept, { place, resumed: undefined, firmwares, files }, emit);
  for (const message of held.told) emit({ type: "run.warned", message }, 0);
  for (const one of plan.cases.filter(({ as }) => held.reasons.has(as))) {
    const where = { case: one.as, scenario: one.scenario, rig: "" };
    emit({ type: "case.started", ...where, properties: {} }, 0);
    emit({ type: "case.ended", ...where, verdict: "skipped", reason: held.reasons.get(one.as) ?? "" }, 0);
  }
  for (const fact of facts) await tellRun(client, order.runId, fact);
  const desk = { client, self, order, simulated, leaseMs: args.lease, patienceMs: args.patience };
  tell(
    `run ${order.runId}: ${count(plan.cases.length, "case")} for ${count(on.length, "rig")}; \`st67-hil farm attach ${order.runId}\` goes on with it`,
  );
  if (!args.detach) return await writeDown(desk, args, place, past, interrupt);
  await handOut(desk);
  if (args.json) printJson({ run: order.runId, detached: true });
  else print(order.runId);
  return 0;
}

/** @throws HarnessError USAGE for a rig that no agent has ever had. */
async function refuseUnknown(client: Redis, named: readonly string[]): Promise<void> {
  const known = await client.smembers(KEYS.rigs);
  const unknown = named.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const there = [...known].sort().join(", ") || "none";
  const message = `--rig ${unknown}: the farm has never had such a rig; there is ${there}${didYouMean(unknown, known)}`;
  throw new HarnessError("USAGE", message);
}
