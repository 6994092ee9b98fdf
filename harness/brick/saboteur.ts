import type { Deadline } from "../base/time.js";
import type { Rig, Straps, Wire } from "../base/wire.js";
import type { Plan } from "../flash/plan.js";
import { cutPower, dropChipEn, flipped } from "./blow.js";
import type { Cause } from "./causes.js";
import { type Hit, hitOf } from "./hit.js";
import { HostDied } from "./host-died.js";
import type { Moment } from "./moments.js";

/** What it does at its moment: one of the causes; or nothing at all for so long, as a host that is held up, and then it goes on. */
export type Blow = { readonly cause: Cause } | { readonly idleMs: number };

/** From the rise of CHIP_EN: boot2 is done by then, and the application has not told of itself (640 ms were seen). */
const BOOTING_MS = 200;

/**
 * Stands between a host and its rig, watches what the host does, and strikes once, at one moment. Neither the host nor the
 * module knows of it.
 */
export class Saboteur {
  /** What the host gets. */
  readonly rig: Rig;
  readonly #real: Rig;
  readonly #plan: Plan;
  readonly #moment: Moment;
  readonly #cause: Cause | undefined;
  readonly #idleMs: number;
  #struck = false;
  #boots = false;
  #bootLine = false;
  #isMuted = false;
  #isDead = false;
  #flipsNext = false;

  constructor(real: Rig, plan: Plan, moment: Moment, blow: Blow) {
    this.#real = real;
    this.#plan = plan;
    this.#moment = moment;
    this.#cause = "cause" in blow ? blow.cause : undefined;
    this.#idleMs = "cause" in blow ? 0 : blow.idleMs;
    const { straps } = real;
    // Whoever strikes while BOOT is held would start another program than the one that it says.
    const timing = { ...real.timing, greetMs: undefined };
    this.rig = { ...real, timing, wire: this.#wire(real.wire), straps: straps && this.#straps(straps) };
  }

  /** Whether the moment has come. */
  get struck(): boolean {
    return this.#struck;
  }

  /** The next start with BOOT released is the first boot of what was flashed. */
  bootFollows(): void {
    this.#boots = true;
  }

  #wire(wire: Wire): Wire {
    return {
      get baud() {
        return wire.baud;
      },
      write: async (bytes, deadline) => {
        this.#refuseDead();
        const hit = this.#struck ? undefined : hitOf(this.#moment, this.#plan, bytes);
        if (hit === undefined) await wire.write(bytes, deadline);
        else await this.#strikeFrame(bytes, hit, deadline);
      },
      read: (deadline) => this.#read(deadline),
      setBaud: async (baud, deadline) => {
        this.#refuseDead();
        await wire.setBaud(baud, deadline);
      },
      arrived: () => {
        this.#refuseDead();
        return this.#passed(wire.arrived());
      },
      drop: () => wire.drop(),
      [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    };
  }

  #straps(straps: Straps): Straps {
    return {
      set: async (line, asserted, deadline) => {
        this.#refuseDead();
        await straps.set(line, asserted, deadline);
        if (line === "boot") this.#bootLine = asserted;
        if (line !== "boot" && !asserted) this.#isMuted = false;
        const boots = line === "chipEn" && asserted && !this.#bootLine;
        if (!boots || !this.#boots || this.#struck || this.#moment.stage !== "boot") return;
        await deadline.sleep(BOOTING_MS);
        this.#struck = true;
        this.#flipsNext = this.#cause === "flip";
        await this.#act(deadline);
      },
      [Symbol.asyncDispose]: () => straps[Symbol.asyncDispose](),
    };
  }

  async #read(deadline: Deadline): Promise<Uint8Array> {
    for (;;) {
      this.#refuseDead();
      const bytes = this.#passed(await this.#real.wire.read(deadline));
      if (bytes.length > 0) return bytes;
      if (deadline.remainingMs === 0) throw deadline.expired();
    }
  }

  #passed(bytes: Uint8Array): Uint8Array {
    if (this.#isMuted) return new Uint8Array();
    if (!this.#flipsNext || bytes.length === 0) return bytes;
    this.#flipsNext = false;
    return flipped(bytes, Math.floor(bytes.length / 2));
  }

  async #strikeFrame(frame: Uint8Array, { bytes, lateMs }: Hit, deadline: Deadline): Promise<void> {
    const { wire } = this.#real;
    this.#struck = true;
    if (this.#cause === "flip") return wire.write(flipped(frame, bytes), deadline);
    if (this.#cause === undefined) {
      await this.#act(deadline);
      return wire.write(frame, deadline);
    }
    await wire.write(lateMs === undefined ? frame.subarray(0, bytes) : frame, deadline);
    if (lateMs !== undefined) await deadline.sleep(lateMs);
    await this.#act(deadline);
    // With the supply or CHIP_EN away, the rest of a frame finds nobody.
    if (lateMs === undefined && this.#cause === "silence") await wire.write(frame.subarray(bytes), deadline);
  }

  async #act(deadline: Deadline): Promise<void> {
    switch (this.#cause) {
      case "chip-en":
        return dropChipEn(this.#real, deadline);
      case "power":
        return cutPower(this.#real, deadline);
      case "silence":
        this.#isMuted = true;
        return;
      case "host":
        this.#isDead = true;
        throw new HostDied();
      case "flip":
        return;
      case undefined:
        return deadline.sleep(this.#idleMs);
    }
  }

  #refuseDead(): void {
    if (this.#isDead) throw new HostDied();
  }
}
