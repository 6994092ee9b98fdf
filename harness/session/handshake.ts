import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { BANNER_BAUD } from "./boot.js";
import { greet, hasSession, heardWithin, isOk, SETTLE_MS } from "./greet.js";
import { earlyGreetMs, isSlow, settle, wasTooEarly } from "./pace.js";
import { BootRom } from "./rom.js";
import { type Hold, holding, rise, type Start, strap } from "./strap.js";

/** The vendor's three attempts, each with a strap sequence of its own. */
const ATTEMPTS = 3;
/**
 * A session that is left in mid-packet swallows the probes and the first burst, and ends by itself at the second idle
 * time-out: after 4.2 s on the sister chips' loaders, after 20 s where we have raised it.
 */
const STALE_MS = 21_000;
/** Where a session was most likely left when nobody says at which rate. */
const FASTEST_BAUD = 2_000_000;

/**
 * Straps the module into its boot ROM and greets it at the rig's boot rate. A rig that drives no lines is first asked
 * whether a session is open, at the load rate and at the boot rate: a burst into a live session would stall it.
 *
 * @param start what BOOT asks for; `application` only to show that the ROM does not answer then.
 * @throws HarnessError NOT_IN_ROM when no attempt was answered; LINE_ECHOES when the host hears itself.
 */
export const enterRom = (rig: Rig, deadline: Deadline, start: Start = "rom"): Promise<BootRom> =>
  holding((hold) => enterRomBeside(hold, rig, deadline, start));

/**
 * As `enterRom`. BOOT is there so that the ROM starts, and a ROM that answers has started: the rest of the time for which it
 * is held is the vendor's habit. So the first attempt greets early, and goes on beside `hold`; a ROM that stays silent is greeted
 * again at the vendor's time.
 */
export async function enterRomBeside(hold: Hold, rig: Rig, deadline: Deadline, start: Start = "rom"): Promise<BootRom> {
  if (rig.straps === undefined && (await findSession(rig, deadline))) return new BootRom(rig.wire, rig.allow.efuse);
  const greeting = new Greeting(rig, deadline);
  await rig.wire.setBaud(rig.bootBaud, deadline);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (rig.straps === undefined && attempt === 1) await deadline.sleep(STALE_MS);
    const rom = await (rig.straps === undefined ? greeting.now() : greeting.strapped(hold, start, attempt === 0));
    if (rom !== undefined) return rom;
  }
  throw notInRom(rig, greeting, greeting.heard.length === 0 && (await isAlive(rig, deadline)));
}

/** Bursts at a module that may be in its ROM, and what came of them. */
class Greeting {
  readonly #rig: Rig;
  readonly #deadline: Deadline;
  bursts = 0;
  heard: Uint8Array = new Uint8Array();

  constructor(rig: Rig, deadline: Deadline) {
    this.#rig = rig;
    this.#deadline = deadline;
  }

  /**
   * @param behindAnother whether the module was greeted since its reset: an OK may be the late one of that burst, and this one
   * has spoilt the session then. Only a ROM that hears now is one.
   * @returns the ROM that answered, and hears.
   */
  async now(behindAnother = false): Promise<BootRom | undefined> {
    const { wire, allow } = this.#rig;
    this.bursts++;
    const answer = await greet(wire, this.#deadline, isSlow(this.#rig) ? undefined : isOk);
    const rom = new BootRom(wire, allow.efuse);
    const settled = isOk(answer) ? await settle(rom, this.#rig, this.#deadline) : "garbage";
    if (settled === "answers" || (settled === "unknown" && !behindAnother)) return rom;
    this.heard = Buffer.concat([this.heard, answer]);
    return undefined;
  }

  /** Behind a strap sequence; while it holds BOOT first, where that may be. */
  async strapped(hold: Hold, start: Start, isFirst: boolean): Promise<BootRom | undefined> {
    const { clock } = this.#deadline;
    await hold.released;
    const earlyMs = start === "rom" && isFirst ? earlyGreetMs(this.#rig) : undefined;
    const begun = await rise(this.#rig, start, this.#deadline);
    hold.begin(begun);
    if (earlyMs !== undefined) {
      await this.#deadline.sleep(Math.max(0, begun.risenAt + earlyMs - clock.now()));
      const rom = await this.now();
      if (rom !== undefined || this.heard.length > 0) return rom;
      wasTooEarly(this.#rig);
    }
    await hold.released;
    return this.now(earlyMs !== undefined);
  }
}

/**
 * Greets a ROM whose session has ended by itself, at the rate at which the line stands; without a reset.
 *
 * @throws HarnessError NOT_IN_ROM when the burst was not answered.
 */
export async function greetAgain(rig: Rig, deadline: Deadline): Promise<void> {
  const answer = await greet(rig.wire, deadline);
  if (!isOk(answer)) throw notInRom(rig, { bursts: 1, heard: answer }, false);
  await deadline.sleep(SETTLE_MS);
}

/** Whether a normal boot makes the line move: boot2 and the application talk at a rate of their own. */
async function isAlive(rig: Rig, deadline: Deadline): Promise<boolean> {
  if (rig.straps === undefined) return false;
  await rig.wire.setBaud(BANNER_BAUD, deadline);
  await strap(rig, "application", deadline);
  return (await heardWithin(rig.wire, deadline, rig.timing.bootMs)).length > 0;
}

async function findSession({ wire, loadBaud, bootBaud }: Rig, deadline: Deadline): Promise<boolean> {
  for (const baud of new Set([loadBaud === "auto" ? FASTEST_BAUD : loadBaud, bootBaud])) {
    await wire.setBaud(baud, deadline);
    if (await hasSession(wire, deadline)) return true;
  }
  return false;
}

/** What a burst that found no ROM tells: text or noise means a module that is alive and runs something else. */
function notInRom(
  { name, straps, bootBaud }: Rig,
  { bursts, heard }: Pick<Greeting, "bursts" | "heard">,
  alive: boolean,
): HarnessError {
  const what = heard.length === 0 ? "the line stayed silent" : `no OK was among what came: ${hex(heard)}`;
  const boots = alive ? "; a normal boot is heard, so the module has power and its TX arrives" : "";
  const advice = straps === undefined ? BY_HAND : alive || heard.length > 0 ? undefined : SILENT_LINE;
  return new HarnessError(
    "NOT_IN_ROM",
    `${name}: the boot ROM did not answer ${bursts} bursts at ${bootBaud} Bd: ${what}${boots}`,
    {
      details: { baud: bootBaud, heard: hex(heard), alive },
      ...(advice !== undefined && { advice }),
    },
  );
}

const BY_HAND =
  "This rig drives no lines: hold BOOT high, pulse CHIP_EN low, release BOOT, and try again. Check TX and RX too.";
/** From the host's side these look alike; the likeliest comes first. */
const SILENT_LINE =
  "Nothing at all was heard, of a normal boot neither. Check TX and RX first: swapped or open, they are silent like this. " +
  "Then BOOT and CHIP_EN (the module has no pull-up there), power and ground.";
