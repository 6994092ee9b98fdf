import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import type { Redis } from "ioredis";
import { isAlive } from "../../rigs/guard/lock.js";
import { told } from "../base/files.js";

/** Sets a key to ARGV[1] for ARGV[2] ms where nobody has it, we do, or who had it is ARGV[3]; gives who has it else. */
const HOLD = `local now = redis.call("get", KEYS[1])
if not now or now == ARGV[1] or now == ARGV[3] then redis.call("set", KEYS[1], ARGV[1], "PX", ARGV[2]) return "" end
return now`;

const RELEASE = `if redis.call("get", KEYS[1]) == ARGV[1] then return redis.call("del", KEYS[1]) end
return 0`;

/** Who holds something: a process. */
export interface Owner {
  /** Random: another process, or life of one, has another. */
  readonly id: string;
  readonly host: string;
  /** Where its pid means something: see `pidsHere`. Hosts, and containers above all, may share a name. */
  readonly pids: string;
  readonly pid: number;
}

const textOf = ({ id, host, pids, pid }: Owner): string => JSON.stringify({ id, host, pids, pid });

/** Names the set of processes that this one sees: of one boot of one machine, and of one container on it. */
export function pidsHere(): string {
  const boot = told(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const namespace = told(() => readlinkSync("/proc/self/ns/pid"));
  // Where the kernel does not say so, each process is told from all others, and lives as long as its lease.
  return boot === undefined || namespace === undefined ? randomUUID() : `${boot} ${namespace}`;
}

/**
 * Takes `key` for `leaseMs`, or goes on having it. One who was ended on this machine is replaced at once.
 *
 * @returns who else has it; `undefined`: we do.
 */
export async function hold(client: Redis, key: string, self: Owner, leaseMs: number): Promise<Owner | undefined> {
  const ask = async (instead: string) =>
    String(await client.eval(HOLD, 1, key, textOf(self), String(leaseMs), instead));
  const found = await ask("");
  if (found === "") return undefined;
  const other = told(() => JSON.parse(found) as Owner) ?? { id: "", host: "?", pids: "", pid: 0 };
  if (other.pids !== self.pids || isAlive(other.pid)) return other;
  return (await ask(found)) === "" ? undefined : other;
}

/** Gives it back, if we have it. */
export async function release(client: Redis, key: string, self: Owner): Promise<void> {
  await client.eval(RELEASE, 1, key, textOf(self));
}
