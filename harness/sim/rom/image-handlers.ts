import { until } from "../time/until.js";
import { ACK_MS, LEAVE_MS, type RomParts } from "./parts.js";
import { RamImage } from "./ram-image.js";
import { Refusal } from "./refusal.js";
import type { Handlers } from "./session.js";

const SEQUENCE_ERROR = 0x0104;

type ImageCommand =
  | "loadBootHeader"
  | "loadPublicKey"
  | "loadPublicKey2"
  | "loadSignature"
  | "loadSignature2"
  | "loadAesIv"
  | "loadSegmentHeader"
  | "loadSegmentData"
  | "checkImage"
  | "runImage";

/**
 * The way of a program into the RAM and its start. Nobody knows what it then does: it is silent until the next reset.
 * A second key or signature is for a second core, which this die has not: out of sequence, our choice.
 */
export function imageHandlers({ silicon, memory, uart, take, signal }: RomParts): Pick<Handlers, ImageCommand> {
  const image = new RamImage(silicon.fuses, memory);
  const work = async (step: () => void) => {
    await take(ACK_MS);
    step();
    return {};
  };
  const secondCore = () =>
    work(() => {
      throw new Refusal(SEQUENCE_ERROR);
    });
  return {
    loadBootHeader: ({ header }) => work(() => image.begin(header)),
    loadPublicKey: ({ part }) => work(() => image.key(part)),
    loadPublicKey2: secondCore,
    loadSignature: ({ part }) => work(() => image.signature(part)),
    loadSignature2: secondCore,
    loadAesIv: ({ part }) => work(() => image.iv(part)),
    async loadSegmentHeader({ part }) {
      await take(ACK_MS);
      return { header: image.segmentHeader(part) };
    },
    loadSegmentData: ({ part }) => work(() => image.segmentData(part)),
    checkImage: () => work(() => image.check()),
    async runImage(_, answer) {
      await take(ACK_MS);
      image.run();
      await answer.early();
      await take(LEAVE_MS);
      uart.listen(undefined);
      return until(new Promise<never>(() => undefined), signal);
    },
  };
}
