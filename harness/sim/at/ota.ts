import { createHash } from "node:crypto";
import { OTA } from "../../firmware/ota.js";
import { SectorWriter } from "../boot/sector-writer.js";
import { firmwareIn, nextTable, tableInUse } from "../boot/tables.js";
import type { Board } from "../rom/rom.js";
import type { RomFlash } from "../rom/rom-flash.js";
import { AtError } from "./error.js";
import { type OtaHeader, readHeader } from "./ota-header.js";
import { isOtherProfile } from "./profile.js";

/** Where the next firmware goes, and the table that will say so. */
function targetOf({ silicon, options }: Board) {
  const found = tableInUse(silicon.nor, options.quirks);
  const firmware = firmwareIn(found);
  if (found === undefined || firmware === undefined) throw new AtError("no partition table");
  const active = firmware.active === 0 ? 1 : 0;
  const slot = firmware.slots[active];
  if (slot.bytes === 0) throw new AtError("one slot only");
  return { ...found, active, slot } as const;
}

/**
 * An update as it arrives: written as it comes into the slot that does not run, judged, and then told to boot2 by the next
 * generation of the partition table, over the one that does not count. Until that is whole the old firmware boots.
 */
export class OtaReceiver {
  readonly #board: Board;
  readonly #flash: RomFlash;
  readonly #body: Uint8Array;
  readonly #target: ReturnType<typeof targetOf>;
  readonly #writer: SectorWriter;
  readonly #hash = createHash("sha256");
  #header: OtaHeader | undefined;
  #written = 0;

  /** @param body of the firmware that runs. @throws AtError where there is no second slot. */
  constructor(board: Board, flash: RomFlash, body: Uint8Array) {
    this.#board = board;
    this.#flash = flash;
    this.#body = body;
    this.#target = targetOf(board);
    this.#writer = new SectorWriter(flash, this.#target.slot.address);
  }

  /** The header must be whole in the first chunk. */
  get firstChunkBytes(): number {
    return this.#header === undefined ? OTA.payload : 1;
  }

  /** @throws AtError, Refusal. */
  async take(chunk: Uint8Array): Promise<void> {
    const { otaChecks } = this.#board.options.ncp;
    const { silicon } = this.#board;
    const isFirst = this.#header === undefined;
    this.#header ??= readHeader(chunk, otaChecks, this.#target.slot.bytes);
    const payload = isFirst ? chunk.subarray(OTA.payload) : chunk;
    const address = this.#target.slot.address + this.#written;
    if (otaChecks.size && this.#written + payload.length > this.#header.payloadBytes) throw new AtError("too much");
    await this.#writer.write(payload);
    const isThere = Buffer.compare(silicon.nor.read(address, payload.length), payload) === 0;
    if (otaChecks.readBack && !isThere) throw new AtError("flash check fail");
    this.#hash.update(payload);
    this.#written += payload.length;
  }

  /** @throws AtError, Refusal. */
  async finish(): Promise<void> {
    const { ncp } = this.#board.options;
    const { otaChecks, otaFlips } = ncp;
    const header = this.#header;
    if (header === undefined) throw new AtError("no header");
    if (otaChecks.size && this.#written !== header.payloadBytes) throw new AtError("too little");
    if (otaChecks.hash && !this.#hash.digest().equals(header.payloadSha256)) throw new AtError("hash");
    const { table, otherAddress, active, slot } = this.#target;
    const payload = () => this.#board.silicon.nor.read(slot.address, this.#written);
    if (otaChecks.profile && isOtherProfile(payload(), slot.bytes, this.#body)) throw new AtError("profile");
    if (otaFlips) await new SectorWriter(this.#flash, otherAddress).write(nextTable(table, active, this.#written));
  }
}
