import { HarnessError } from "../base/errors.js";
import { hexNumber } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Session } from "../session/session.js";
import type { Plan } from "./plan.js";
import { readFlash } from "./read.js";

const SECTOR_BYTES = 4096;
/** So many are named; of the others their number is told. */
const NAMED = 4;

/** Which sectors of a range do not hold their bytes, or why that is not known. */
export interface Differing {
  /** Their first addresses; `undefined`: they could not be read back. */
  readonly sectors: readonly number[] | undefined;
  readonly told: string;
}

/** Reads back, once, what a plan writes at `address`: looks for where it differs, and judges nothing. */
export async function differingSectors(
  session: Pick<Session, "rom">,
  { steps }: Plan,
  address: number,
  deadline: Deadline,
): Promise<Differing> {
  const write = steps.find((step) => step.op === "write" && step.address === address);
  if (write?.op !== "write") return { sectors: undefined, told: "which sectors differ is not known" };
  try {
    const found = await readFlash(session, address, write.plain.length, deadline);
    const sectors = compared(address, write.plain, found);
    return { sectors, told: toldOf(sectors) };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    return { sectors: undefined, told: `which sectors differ is not known, it was not read back: ${error.message}` };
  }
}

/** An end of the range may lie within a sector: what lies beside it there is nobody's business. */
function compared(address: number, wanted: Uint8Array, found: Uint8Array): number[] {
  const sectors: number[] = [];
  const end = address + wanted.length;
  for (let sector = address - (address % SECTOR_BYTES); sector < end; sector += SECTOR_BYTES) {
    const [from, to] = [Math.max(sector - address, 0), sector + SECTOR_BYTES - address];
    if (Buffer.compare(wanted.subarray(from, to), found.subarray(from, to)) !== 0) sectors.push(sector);
  }
  return sectors;
}

function toldOf(sectors: readonly number[]): string {
  if (sectors.length === 0) return "read back, no sector differs: its hash and its bytes contradict each other";
  const named = sectors.slice(0, NAMED).map(hexNumber).join(", ");
  const more = sectors.length > NAMED ? ` and ${sectors.length - NAMED} more` : "";
  return `read back, ${sectors.length === 1 ? "1 sector differs" : `${sectors.length} sectors differ`}: ${named}${more}`;
}
