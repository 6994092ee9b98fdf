import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { decodeFuses, FUSE_BYTES, type Fuses } from "../protocol/fuses.js";
import type { Session } from "../session/session.js";

export type { Fuses } from "../protocol/fuses.js";

/** All fuses of a module, or `undefined` where it does not tell: it refuses, does not know the command, or answers with fewer. */
export async function readFuses({ rom }: Pick<Session, "rom">, deadline: Deadline): Promise<Fuses | undefined> {
  try {
    const answer = await rom.ask("efuseRead", { address: 0, length: FUSE_BYTES }, deadline);
    return answer?.data.length === FUSE_BYTES ? decodeFuses(answer.data) : undefined;
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "COMMAND_REFUSED") throw error;
    await rom.revive(deadline);
    return undefined;
  }
}
