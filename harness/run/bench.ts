import { HarnessError } from "../base/errors.js";
import type { Aside, Emit } from "../base/events.js";
import { hexNumber } from "../base/hex.js";
import { workingPoint } from "../base/strap-timing.js";
import type { Deadline } from "../base/time.js";
import type { Rig } from "../base/wire.js";
import { armOn } from "../brick/interrupt.js";
import { bootsFrom } from "../firmware/boots-from.js";
import { tellLeftOut } from "../flash/left-out.js";
import type { Expected } from "../flash/prove.js";
import { readFlash } from "../flash/read.js";
import { beginWrites } from "../flash/step.js";
import { refuseBeyond } from "../flash/suitable.js";
import { hashRange } from "../flash/verify.js";
import { bootModule } from "../recover/boot.js";
import { flashDelta, tellDelta } from "../recover/delta.js";
import { flashModule } from "../recover/flash.js";
import { openModule } from "../recover/open.js";
import { type Recovery, sparing, tellRung } from "../recover/rung.js";
import { openThroughBoot2 } from "../recover/through-boot2.js";
import { enterRom } from "../session/handshake.js";
import { withNoticedWrites } from "../session/noticed-writes.js";
import type { Observer } from "../session/stage.js";
import { boundedExpect } from "./bounded-expect.js";
import type { CaseTrace } from "./case-trace.js";
import { Climbed } from "./climbed.js";
import { refuseNoRange } from "./contents.js";
import { type Drive, withTold } from "./drives.js";
import type { Evidence } from "./evidence.js";
import { interruptingBench } from "./interrupting.js";
import { observerOf, round } from "./observer.js";
import type { Contents } from "./on-module.js";
import { overSpi } from "./over-spi.js";
import { type Bench, type Firmware, type FlashOptions, type Limits, Skipped } from "./scenario.js";
import { strapPoint } from "./strap-point.js";
import { Talk } from "./talk.js";
import { wrongContents } from "./wrong-contents.js";

interface Circumstances {
  readonly case: string;
  readonly evidence: Evidence;
  readonly trace: CaseTrace;
  readonly rig: Rig;
  /** Whether the rig's module may be lost. */
  readonly sacrificial: boolean;
  /** How far trouble is followed up the ladder. */
  readonly recovery: Recovery;
  readonly deadline: Deadline;
  readonly random: () => number;
  /** Learns what the ladder did. */
  readonly climbed?: Climbed;
  /** It is not the case itself that is done on it. */
  readonly aside?: Aside | undefined;
  /** Learns what becomes of the flash. */
  readonly contents: Contents;
}

/** The bench of one case: everything it does is told as events. */
export function benchOf(circumstances: Circumstances): Bench {
  const { case: name, evidence, trace, rig: opened, sacrificial, recovery, deadline, random, contents } = circumstances;
  const { aside, climbed = new Climbed() } = circumstances;
  const { emit } = evidence;
  const lost = () => {
    contents.flashed = undefined;
  };
  const drove = (drive: Drive) => {
    if (drive.line !== "boot") talk.over();
    emit({ type: "line", case: name, ...drive });
  };
  const told = withTold(opened, drove);
  const rig = withNoticedWrites(told, lost);
  const observer = trace.begun(noticing(observerOf(emit, name, aside), climbed), aside);
  const step: Bench["step"] = async (title, work) => {
    emit({ type: "step.started", case: name, step: title });
    let ok = false;
    try {
      const result = await work();
      ok = true;
      return result;
    } finally {
      emit({ type: "step.ended", case: name, step: title, ok });
    }
  };
  const note: Bench["note"] = (message) => emit({ type: "note", case: name, message });
  const talk = new Talk(rig, deadline);
  // The rate of the last session that went well: what a silent boot is judged by.
  let lineBaud: number | undefined;
  const carried = () => {
    lineBaud = rig.wire.baud;
  };
  const open = async (allowed = recovery) => {
    const session = await openModule(rig, deadline, observer, allowed);
    carried();
    return session;
  };
  return {
    deadline,
    random,
    expect: boundedExpect,
    step,
    measure: (what, value, unit, limits = {}) => measure(emit, name, what, value, unit, limits),
    attach: (file, content) => evidence.attach(file, content),
    note,
    skip: (reason) => {
      throw new Skipped(reason);
    },
    enterRom: (start) => {
      contents.touch();
      return enterRom(rig, deadline, start);
    },
    openSession: (ladder = recovery.top) => {
      contents.touch();
      return open({ ...recovery, top: Math.min(ladder, recovery.top) });
    },
    enterThroughBoot2: () =>
      step("enter through boot2", async () => {
        contents.touch();
        const session = await openThroughBoot2(rig, deadline, observer);
        carried();
        return session;
      }),
    ...wrongContents({ rig, sacrificial, recovery, deadline, observer, step, open, lost, carried }),
    flash: async (firmware, how = {}) => {
      const plan = firmware.plan();
      const { session, delta: byDelta = false }: FlashOptions = "rom" in how ? { session: how } : how;
      await step(`flash ${firmware.label}`, async () => {
        if (!byDelta) beginWrites(plan.steps);
        const opened = session ?? (await open(sparing(recovery, plan)));
        if (byDelta) {
          const { delta } = await flashDelta(opened, plan, deadline, observer, recovery);
          if (delta.whole === undefined)
            emit({ type: "note", case: name, message: `${firmware.label}: ${tellDelta(delta)}` });
        } else {
          await flashModule(opened, plan, deadline, observer, recovery);
        }
        contents.flashed = firmware;
        const { leftOut } = plan;
        if (leftOut.length === 0) return;
        const message = `${firmware.label}${tellLeftOut("not written", leftOut)}`;
        emit({ type: "note", case: name, message });
      });
    },
    boot: (expected) =>
      step(expected === undefined ? "boot" : `boot ${expected.profile}@${expected.version}`, async () => {
        const proof = await bootModule(rig, placed(expected, contents.flashed), lineBaud, deadline, observer);
        talk.begun(proof);
        return proof;
      }),
    ...overSpi({ rig, sacrificial, deadline, observer, step, note, contents, talk }),
    read: async (session, address, length) => {
      await refuseBeyond(session, address + length, rangeOf("a read", address, length), deadline);
      return readFlash(session, address, length, deadline);
    },
    hash: async (session, address, length) => {
      await refuseBeyond(session, address + length, rangeOf("a hash", address, length), deadline);
      return hashRange(session.rom, address, length, deadline);
    },
    ...interruptingBench({ case: name, rig, recovery, deadline, observer, evidence, step, contents }),
    tryStrap: async (timing = workingPoint(opened.timing)) => {
      const point = await strapPoint(opened, timing, deadline, drove);
      emit({ type: "strap.point", case: name, ...point });
      return point;
    },
    recovered: () => [...climbed.ends],
    arm: (orders) => armOn(rig, orders),
  };
}

/** From where it must run is known where it was flashed last. */
function placed(expected: Expected | undefined, flashed: Firmware | undefined): Expected | undefined {
  if (expected === undefined || flashed === undefined) return expected;
  const { profile, version } = expected;
  if (flashed.profile !== profile || flashed.version !== version) return expected;
  return { profile, version, place: bootsFrom(flashed.load().files) };
}

/** How a range is told. @throws HarnessError SCENARIO_INVALID for one that is none: nothing always equals nothing. */
function rangeOf(what: string, address: number, length: number): string {
  refuseNoRange(what, address, length);
  return `${what} of ${length} bytes at ${hexNumber(address)}`;
}

function measure(emit: Emit, of: string, name: string, value: number, unit: string, { min, max }: Limits): void {
  if (!Number.isFinite(value))
    throw new HarnessError("SCENARIO_INVALID", `measure ${name}: expected a number, got ${value}`);
  const ok = value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
  const limits = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  emit({ type: "measurement", case: of, name, value: round(value), unit, ...limits, ok });
  if (ok) return;
  const range = min === undefined ? `at most ${max}` : max === undefined ? `at least ${min}` : `${min} to ${max}`;
  throw new HarnessError("LIMIT_EXCEEDED", `${name}: expected ${range} ${unit}, found ${round(value)}`, {
    details: { name, value: round(value), unit, ...limits },
  });
}

/** The same observer. What the ladder did is kept. */
const noticing = (observer: Observer, climbed: Climbed): Observer => ({
  ...observer,
  rung: (rung, what, ok) => {
    climbed.rungs.push(tellRung(rung, what, ok));
    observer.rung?.(rung, what, ok);
  },
  recovered: (state, rung) => {
    climbed.ends.push({ state, rung });
    observer.recovered?.(state, rung);
  },
});
