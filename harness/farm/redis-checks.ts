import { ERRORS, type HarnessError } from "../base/errors.js";
import { medianOf } from "../base/median.js";
import { type Check, failed, type Judgement, notApplicable, passed, warned } from "../doctor/check.js";

/** What a server said, or why it did not. */
export type Answer<T> = { readonly value: T } | { readonly refused: string };

/** What was read of a server that is reached. */
export interface RedisFacts {
  readonly shown: string;
  /** The fields of INFO. */
  readonly info: Answer<ReadonlyMap<string, string>>;
  /** The server's clock less this machine's, and what the question took, both in ms. */
  readonly clock: Answer<{ readonly aheadMs: number; readonly tookMs: number }>;
  /** What each PING took, in ms. */
  readonly pings: Answer<readonly number[]>;
}

interface RedisRule {
  readonly id: string;
  readonly expected: string;
  judge(facts: RedisFacts): Judgement;
}

const LEAST = [6, 2] as const;
/** Older ones have no streams, on which the queues stand. */
const STREAMS_SINCE = 5;
/** Leases and the ages of jobs are told by both clocks. */
const MOST_SKEW_MS = 5000;
const MOST_LATENCY_MS = 50;

/** A rule over INFO. */
const ofInfo =
  (ask: string, judge: (info: ReadonlyMap<string, string>) => Judgement | undefined): RedisRule["judge"] =>
  ({ info }) => {
    if ("refused" in info) return warned(`INFO is refused: ${info.refused}`, `As a user who may: ${ask}.`);
    return judge(info.value) ?? warned("INFO does not tell it", `See for yourself: ${ask}.`);
  };

const RULES: readonly RedisRule[] = [
  {
    id: "redis-reach",
    expected: "a server that answers, and takes what is written",
    judge: ({ shown, info }) => {
      const told = "value" in info ? info.value : new Map<string, string>();
      if ((told.get("role") ?? "master") !== "master")
        return failed(`${shown} is a replica: nothing can be written there`, "Name the primary server.");
      if (told.get("redis_mode") === "cluster")
        return failed(`${shown} is part of a cluster, which spreads the keys of a queue`, "Name a server of its own.");
      return passed(shown);
    },
  },
  {
    id: "redis-version",
    expected: `Redis ${LEAST.join(".")} or later, or Valkey`,
    judge: ofInfo("`redis-cli INFO server`", (info) => {
      const version = info.get("redis_version");
      const [, major, minor] = (/^(\d+)\.(\d+)/.exec(version ?? "") ?? []).map(Number);
      if (version === undefined || major === undefined || minor === undefined) return undefined;
      const valkey = info.get("valkey_version");
      const found = valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}, which is as Redis ${version}`;
      if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return passed(found);
      return (major < STREAMS_SINCE ? failed : warned)(found, "Install a newer server.");
    }),
  },
  {
    id: "redis-aof",
    expected: "appendonly yes: what was queued outlives the server",
    judge: ofInfo("`redis-cli INFO persistence`, aof_enabled:1", (info) => {
      const isOn = info.get("aof_enabled");
      if (isOn === undefined) return undefined;
      // Measured: a Redis that is killed keeps 0 of 5 jobs without, 5 of 5 with it.
      if (isOn !== "1")
        return failed("appendonly is off: a server that ends takes the queues with it", "Set `appendonly yes`.");
      if ((info.get("aof_last_write_status") ?? "ok") !== "ok")
        return failed("appendonly is on, and its last write failed", "Look at the server's disk: is it full?");
      return passed("appendonly is on");
    }),
  },
  {
    id: "redis-eviction",
    expected: "maxmemory-policy noeviction: nothing is thrown away to make room",
    judge: ofInfo("`redis-cli INFO memory`, maxmemory_policy:noeviction", (info) => {
      const policy = info.get("maxmemory_policy");
      if (policy === undefined) return undefined;
      if (policy === "noeviction") return passed(policy);
      const advice = "Set `maxmemory-policy noeviction`.";
      if (info.get("maxmemory") === "0") return warned(`${policy}, and no limit of memory yet`, advice);
      return failed(`${policy}: a full server throws jobs away`, advice);
    }),
  },
  {
    id: "redis-clock",
    expected: `the clocks of the server and of this machine within ${MOST_SKEW_MS / 1000} s of each other`,
    judge: ({ clock }) => {
      if ("refused" in clock) return warned(`TIME is refused: ${clock.refused}`, "Compare `date` on both machines.");
      const { aheadMs, tookMs } = clock.value;
      if (Number.isNaN(aheadMs)) return warned("TIME does not tell it", "Compare `date` on both machines.");
      const side = aheadMs < 0 ? "behind" : "ahead of";
      const found = `the server is ${inSeconds(Math.abs(aheadMs))} ${side} this machine, give or take ${inSeconds(tookMs / 2)}`;
      if (Math.abs(aheadMs) <= MOST_SKEW_MS) return passed(found);
      return warned(found, "Set both by NTP: `timedatectl` tells whether a machine is.");
    },
  },
  {
    id: "redis-latency",
    expected: `an answer within ${MOST_LATENCY_MS} ms`,
    judge: ({ pings }) => {
      if ("refused" in pings) return warned(`PING is refused: ${pings.refused}`, "Allow this user PING.");
      const median = medianOf(pings.value);
      const found = `${median.toFixed(1)} ms, the median of ${pings.value.length}`;
      if (median <= MOST_LATENCY_MS) return passed(found);
      return warned(found, "Put the server nearer to the rigs: each case asks it several times.");
    },
  },
];

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;

/** Every check of a server that is reached. */
export const redisChecks = (facts: RedisFacts): Check[] =>
  RULES.map(({ id, expected, judge }) => ({ id, expected, ...judge(facts) }));

/** The same of one that is not: the first tells why. Where the error knows no advice of its own, it sends to these checks. */
export const unreached = ({ message, advice }: Pick<HarnessError, "message" | "advice">): Check[] => {
  const next =
    advice === ERRORS.REDIS_UNUSABLE.advice ? "See whether it runs, whether it is a Redis, and its log." : advice;
  return RULES.map(({ id, expected }, index) => ({
    id,
    expected,
    ...(index === 0 ? failed(message, next) : notApplicable("the server is not reached")),
  }));
};
