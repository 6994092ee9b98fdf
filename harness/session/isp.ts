import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { BANNER_BAUD } from "./boot.js";
import { heardWithin } from "./greet.js";
import { greetAgain } from "./handshake.js";
import { BootRom } from "./rom.js";
import { reset } from "./strap.js";

/** What boot2 answers before it resets into the ROM; from its public source, and a text in boot2 8.1.9. */
const READY = "Boot2 ISP Ready";
/** The vendor's limit. boot2 looks once a boot, and every 500 ms while it has nothing to start. */
const STREAM_MS = 5000;
/**
 * 1 ms of 0x55 at 2 MBd: boot2 wants 32 bytes of which 16 are 0x55. Short, since after the text only 2 ms pass until
 * the ROM would measure what still comes.
 */
const BURST = new Uint8Array(200).fill(0x55);
/** The pause between two bursts in which an answer is looked for. */
const GAP_MS = 1;
/** Past the 2 ms until the reset, and the ROM's own start. The vendor's host waits 2.2 s here. */
const RESET_MS = 2200;
/** A failing boot2 repeats its log; no more than this is kept of what came before its answer. */
const TEXT_LIMIT = 4096;

/**
 * Reaches the ROM without BOOT, through boot2: a reset with BOOT released under a stream of 0x55 at 2 MBd, then the
 * usual handshake. The reset is what makes sure that no session hears the stream.
 *
 * The module then comes back to its ROM after each reset by command; the next fall of CHIP_EN ends that.
 *
 * @throws HarnessError NOT_IN_ROM when boot2 did not answer, or the ROM after it; LINES_NOT_DRIVEN.
 */
export async function enterThroughBoot2(rig: Rig, deadline: Deadline): Promise<BootRom> {
  const { wire } = rig;
  await wire.setBaud(BANNER_BAUD, deadline);
  await reset(rig, deadline);
  await streamUntilReady(rig, deadline);
  await deadline.sleep(RESET_MS);
  await wire.setBaud(rig.bootBaud, deadline);
  await greetAgain(rig, deadline);
  return new BootRom(wire, rig.allow.efuse);
}

async function streamUntilReady({ name, wire }: Rig, deadline: Deadline): Promise<void> {
  const end = deadline.clock.now() + STREAM_MS;
  let text = "";
  while (deadline.clock.now() < end) {
    await wire.write(BURST, deadline);
    const heard = await heardWithin(wire, deadline, GAP_MS);
    text = (text + Buffer.from(heard).toString("latin1")).slice(-TEXT_LIMIT);
    if (text.includes(READY)) return;
  }
  const last = text === "" ? "nothing was heard" : `the last that was heard is ${JSON.stringify(text.slice(-80))}`;
  throw new HarnessError(
    "NOT_IN_ROM",
    `${name}: boot2 did not answer 0x55 at ${BANNER_BAUD} Bd with "${READY}" in ${STREAM_MS} ms: ${last}`,
    { advice: "Without BOOT the ROM is reached through an intact boot2 alone: check the wire of BOOT." },
  );
}
