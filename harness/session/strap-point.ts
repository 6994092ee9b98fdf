import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import { isSameTiming, type StrapPoint, type StrapTiming, workingPoint } from "../base/strap-timing.js";
import { type Deadline, wholeMicroseconds } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { BANNER_BAUD } from "./boot.js";
import { greet, heardWithin, isOk, SETTLE_MS } from "./greet.js";
import { enterRom } from "./handshake.js";
import { isSilence } from "./refusal.js";
import { BootRom } from "./rom.js";
import { type Running, startRunning } from "./running.js";
import { identify } from "./session.js";
import { linesOf } from "./strap.js";
import { pulse, waitUntil } from "./strap-pulse.js";
import { Witness } from "./witness.js";

/** No module prints so soon after its reset; and an adapter has changed its rate by then. */
const SWITCH_MS = 50;
/** A wait for bytes may end late by so much. */
const READ_MS = 3;
/** A banner that comes so near to a burst is read at the wrong rate, in part at least. */
const BANNER_MS = 50;

const NONE: Uint8Array = new Uint8Array();

interface Came extends Pick<StrapPoint, "result" | "observed" | "evidence"> {
  /** Nothing has shown since that the module is alive. */
  readonly silent?: true;
}

/**
 * Tries one strap sequence, once: the module is first seen to run its application, so that no ROM of an earlier one answers in
 * place of this one's; then lines and burst as `asked`, then what came of it. A module of which nothing was seen is afterwards
 * shown to be alive.
 *
 * @throws HarnessError what `startRunning` throws; STRAP_UNCLEAR for bytes that are neither an answer nor a banner; LINE_ECHOES;
 * BOOT_INFO_CORRUPT and the like when the ROM's answer is damaged.
 */
export async function tryStrap(rig: Rig, asked: StrapTiming, deadline: Deadline): Promise<StrapPoint> {
  const working = isSameTiming(asked, workingPoint(rig.timing));
  const running = await startRunning(rig, deadline);
  // Where the burst follows at once there is no time for it afterwards.
  if (asked.delayMs <= SWITCH_MS) await rig.wire.setBaud(rig.bootBaud, deadline);
  const { risenAt, released } = await pulse(linesOf(rig), asked, deadline);
  const trial = new Trial(rig, running, risenAt, deadline);
  const [came, held] = await bothOf(trial.run(asked.delayMs), released);
  const { withinMs, ...times } = held;
  const { silent, ...told } = came;
  if (silent && !(working && !told.observed)) await proveAlive(rig, running, deadline);
  const delayMs = wholeMicroseconds(trial.burstAt - risenAt);
  return { asked, held: { ...times, delayMs }, withinMs, working, ...told };
}

/** Both have ended when it resolves or rejects. */
async function bothOf<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

/** What happens from the rise of CHIP_EN on. */
class Trial {
  readonly #rig: Rig;
  readonly #running: Running;
  readonly #risenAt: number;
  readonly #deadline: Deadline;
  readonly #witness: Witness;
  /** When the burst began. */
  burstAt = 0;

  constructor(rig: Rig, running: Running, risenAt: number, deadline: Deadline) {
    this.#rig = rig;
    this.#running = running;
    this.#risenAt = risenAt;
    this.#deadline = deadline;
    this.#witness = new Witness(rig, running, deadline);
  }

  async run(delayMs: number): Promise<Came> {
    const { wire, timing } = this.#rig;
    wire.drop();
    const due = this.#risenAt + delayMs;
    const before = delayMs > SWITCH_MS ? await this.#heardUntil(due) : NONE;
    await waitUntil(due, this.#deadline);
    this.burstAt = this.#deadline.clock.now();
    const heard = await greet(wire, this.#deadline);
    const gathered = this.#deadline.clock.now();
    if (isOk(heard) && (await this.#hasRom())) return seen("success", "the boot ROM answered the burst, and boot info");
    await this.#witness.look();
    await wire.setBaud(BANNER_BAUD, this.#deadline);
    await this.#witness.listen(this.#risenAt + timing.bootMs);
    return (await this.#reset()) ?? this.#unseen(Buffer.concat([before, heard]), gathered);
  }

  /** Listens at the banner's rate and then at that of the burst. @returns what came at the latter: a burst forgets it. */
  async #heardUntil(due: number): Promise<Uint8Array> {
    const { wire, bootBaud } = this.#rig;
    const { clock } = this.#deadline;
    await this.#witness.listen(due - SWITCH_MS);
    await wire.setBaud(bootBaud, this.#deadline);
    let heard = NONE;
    for (let left = due - READ_MS - clock.now(); left > 0; left = due - READ_MS - clock.now())
      heard = Buffer.concat([heard, await heardWithin(wire, this.#deadline, left)]);
    await waitUntil(due, this.#deadline);
    return Buffer.concat([heard, wire.arrived()]);
  }

  /** Signs of a reset, the application's first: a burst means nothing to it. */
  async #reset(): Promise<Came | undefined> {
    const { wire, bootBaud } = this.#rig;
    const { started, fell } = this.#witness;
    if (started !== undefined) return seen("reset", started);
    await wire.setBaud(bootBaud, this.#deadline);
    if (isOk(await greet(wire, this.#deadline)) && (await this.#hasRom()))
      return seen("reset", "the boot ROM missed the burst, and answered a later one");
    return fell ? { ...seen("reset", "SPI_RDY fell, and nothing came after it"), silent: true } : undefined;
  }

  #unseen(heard: Uint8Array, gathered: number): Came {
    const { bannerMs, isReady } = this.#running;
    const { printed } = this.#witness;
    if (heard.length > 0 && !isOk(heard) && this.#hides(bannerMs, gathered))
      return seen("reset", "bytes came with the burst, when the banner was due");
    if (heard.length > 0 || printed !== "") throw unclear(this.#rig, heard, printed);
    const observed = bannerMs !== undefined || isReady;
    const evidence = observed ? "no sign of a reset" : "the boot ROM did not answer, and a reset cannot be seen";
    return { result: "normal", observed, evidence, silent: true };
  }

  /** Whether the banner of a reset came while the wire stood at the burst's rate. */
  #hides(bannerMs: number | undefined, gathered: number): boolean {
    if (bannerMs === undefined) return false;
    const due = this.#risenAt + bannerMs;
    return due > this.burstAt - SWITCH_MS - BANNER_MS && due < gathered + BANNER_MS;
  }

  /** A stray OK has no ROM behind it. */
  async #hasRom(): Promise<boolean> {
    await this.#deadline.sleep(SETTLE_MS);
    try {
      await identify(this.#rig, new BootRom(this.#rig.wire, false), this.#deadline);
      return true;
    } catch (error) {
      if (isSilence(error) && this.#deadline.remainingMs > 0) return false;
      throw error;
    }
  }
}

const seen = (result: StrapPoint["result"], evidence: string): Came => ({ result, observed: true, evidence });

/** A module that hangs, or that is not heard any more, is as silent as one that runs on. */
async function proveAlive(rig: Rig, { bannerMs }: Running, deadline: Deadline): Promise<void> {
  if (bannerMs !== undefined) await startRunning(rig, deadline);
  else await enterRom(rig, deadline);
}

function unclear({ name }: Rig, heard: Uint8Array, printed: string): HarnessError {
  const burst = heard.length === 0 ? "nothing" : hex(heard);
  return new HarnessError(
    "STRAP_UNCLEAR",
    `${name}: neither an answer of the boot ROM nor a boot: ${burst} came after the burst, then ${JSON.stringify(printed)}`,
    { details: { heard: hex(heard), printed } },
  );
}
