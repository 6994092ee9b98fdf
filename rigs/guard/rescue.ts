import { closeSync, fstatSync, ftruncateSync, writeSync } from "node:fs";
import { oneLine } from "../../harness/base/clean.js";
import { HarnessError } from "../../harness/base/errors.js";
import { type Clock, Deadline } from "../../harness/base/time.js";
import type { Straps } from "../../harness/base/wire.js";
import type { LinesConfig } from "../file/schema.js";
import { openLines } from "../lines/lone-lines.js";
import { makeSafe } from "../lines/safe.js";
import { messageOf } from "../serial/port-trouble.js";
import { fileName, Lock } from "./lock.js";
import { openShared } from "./shared-file.js";
import { sharedFolder } from "./shared-folder.js";
import type { WatchdogJob } from "./watchdog-job.js";

/** Its own limit, from the moment at which it is needed. Making the lines safe has 2 s of it. */
const LIMIT_MS = 6000;
const OPEN_MS = 2500;
/** Whoever is dying lets go of the lock, and then of its lines, a moment after the pipe: a port that drains is between. */
const LET_GO_MS = 1000;
const RETRY_MS = 5;
/** A log that has grown past this begins anew. */
const LOG_BYTES = 100_000;

/** Makes the lines of a rig safe whose driver has died, unless somebody else drives it by now. */
export async function rescue(job: WatchdogJob, clock: Clock): Promise<void> {
  const limit = Deadline.in(LIMIT_MS, "the watchdog", clock);
  try {
    const told = await limit.race(secure(job, clock));
    if (told !== undefined) log(job, told);
  } catch (error) {
    log(job, `the lines could not be made safe: ${messageOf(error)}`);
  }
}

/** @returns what was done; `undefined`: somebody else drives the rig by now, and is left alone. */
async function secure(job: WatchdogJob, clock: Clock): Promise<string | undefined> {
  const lock = await inherit(job, clock);
  if (lock === undefined) return undefined;
  using _ = lock;
  const { config } = job;
  await using lines = await openFreed(config, clock);
  await makeSafe(lines, config, clock);
  const { boot, chipEn, power } = config.safeState;
  return `the lines are safe: BOOT ${boot}, CHIP_EN ${chipEn}, power ${power}`;
}

async function inherit({ resources, holder, folder }: WatchdogJob, clock: Clock): Promise<Lock | undefined> {
  const command = `the watchdog of pid ${holder.pid}: ${holder.command}`;
  const self = { pid: process.pid, command, since: new Date().toISOString(), watchdog: true };
  const end = clock.now() + LET_GO_MS;
  for (;;) {
    const tried = Lock.try(resources, self, folder);
    if (tried instanceof Lock) return tried;
    const another = tried.holder !== undefined && tried.holder.pid !== holder.pid;
    if (another || clock.now() > end) return undefined;
    await clock.sleep(RETRY_MS);
  }
}

/** The lines, once the kernel has taken them from the one who died. */
async function openFreed(config: LinesConfig, clock: Clock): Promise<Straps> {
  const deadline = Deadline.in(OPEN_MS, `${config.name}: opening the lines`, clock);
  const end = clock.now() + LET_GO_MS;
  for (;;) {
    try {
      return await openLines(config, deadline);
    } catch (error) {
      const held = error instanceof HarnessError && error.code === "GPIO_UNAVAILABLE";
      if (!held || clock.now() > end) throw error;
      await clock.sleep(RETRY_MS);
    }
  }
}

/** Beside the lock file of the rig: nobody else is left to tell it to. */
function log({ config, holder, folder }: WatchdogJob, told: string): void {
  const file = openShared(folder ?? sharedFolder(), `${fileName({ kind: "rig", name: config.name })}.log`);
  const what = `${config.name}: pid ${holder.pid} (${holder.command}) ended without a word; ${told}`;
  const line = `${new Date().toISOString()} ${oneLine(what)}\n`;
  const { size } = fstatSync(file);
  if (size > LOG_BYTES) ftruncateSync(file);
  writeSync(file, line, size > LOG_BYTES ? 0 : size);
  closeSync(file);
}
