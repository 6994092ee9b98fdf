import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import pkg from "../../../package.json" with { type: "json" };
import type { RigConfig } from "../../../rigs/file/schema.js";
import { SystemClock } from "../../base/time.js";
import type { AgentParts } from "../../farm/agent-parts.js";
import { FolderBlobs, RedisBlobs } from "../../farm/blobs.js";
import { fetchParcel } from "../../farm/depot.js";
import { Queues } from "../../farm/queues.js";
import { RigAgent } from "../../farm/rig-agent.js";
import { scenariosHash } from "../../farm/scenarios-hash.js";
import { cacheFolder } from "../options/cache-folder.js";
import { list } from "../options/options.js";
import type { Interrupt } from "../terminal/interrupt.js";
import { tell } from "../terminal/output.js";
import { openRedis, thisOwner } from "./redis.js";
import { type RigsWanted, rigAtWork } from "./rig-at-work.js";

/** What `farm work` was asked for. */
export interface WorkArgs extends Omit<RigsWanted, "history" | "profiles"> {
  readonly rig: readonly string[];
  readonly configs: readonly RigConfig[];
  readonly redis: string | undefined;
  /** A folder that all machines share, with firmware by its hash. */
  readonly shared: string | undefined;
  readonly profiles: readonly string[];
  /** Milliseconds. */
  readonly lease: number;
}

/** Works the rigs until the first signal; then what is under way is called off, and the rigs become safe. @returns the exit code. */
export async function workRigs(args: WorkArgs, interrupt: Interrupt): Promise<number> {
  const out = resolve(args.out);
  mkdirSync(out, { recursive: true });
  await using client = await openRedis(args.redis);
  await using queues = new Queues(client, args.lease);
  const blobs = new RedisBlobs(client);
  const sources = [
    ...(args.shared === undefined ? [] : [{ name: args.shared, blobs: new FolderBlobs(resolve(args.shared)) }]),
    { name: "Redis", blobs },
  ];
  const parts: AgentParts = {
    ...{ client, queues, blobs, out },
    clock: new SystemClock(),
    self: thisOwner(),
    leaseMs: args.lease,
    harness: pkg.version,
    scenarios: () => scenariosHash(args.files),
    fetch: (parcel) => fetchParcel(parcel, cacheFolder("farm"), sources),
    tell: (text) => tell(text),
    signal: interrupt.signal,
    now: () => new Date().toISOString(),
  };
  const wanted = { ...args, out, history: join(out, "history.sqlite") };
  const names = list("rig", args.rig);
  const rigs = args.configs.map((config, index) => rigAtWork(names[index] ?? config.name, config, wanted));
  tell(`${rigs.map(({ name }) => name).join(", ")}: at work; Ctrl-C ends it`);
  await Promise.all(rigs.map((rig) => new RigAgent(rig, parts).work()));
  return interrupt.exitCode ?? 0;
}
