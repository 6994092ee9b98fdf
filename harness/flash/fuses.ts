import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { decodeFuses, FUSE_BYTES, type Fuses } from "../protocol/fuses.js";
import type { Session } from "../session/session.js";

export type { Fuses } from "../protocol/fuses.js";

/**
 * All fuses of a module, or `undefined` where it does not tell: it refuses, does not know the command, or answers with fewer.
 * A length bears no checksum, and who is told nothing checks nothing: another length counts only when it comes twice.
 *
 * @throws HarnessError REPLY_MALFORMED for two other lengths that differ, and for more bytes than there are.
 */
export async function readFuses({ rom }: Pick<Session, "rom">, deadline: Deadline): Promise<Fuses | undefined> {
  const ask = async () => (await rom.ask("efuseRead", { address: 0, length: FUSE_BYTES }, deadline))?.data;
  try {
    const first = await ask();
    const data = first === undefined || first.length === FUSE_BYTES ? first : await ask();
    if (data?.length === FUSE_BYTES) return decodeFuses(data);
    if (data === undefined || (data.length === first?.length && data.length < FUSE_BYTES)) return undefined;
    throw new HarnessError(
      "REPLY_MALFORMED",
      `efuseRead: expected ${FUSE_BYTES} bytes, got ${first?.length}, then ${data.length}`,
    );
  } catch (error) {
    if (!(error instanceof HarnessError) || error.code !== "COMMAND_REFUSED") throw error;
    await rom.revive(deadline);
    return undefined;
  }
}
