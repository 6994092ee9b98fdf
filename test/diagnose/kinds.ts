import type { CauseCode } from "../../harness/diagnose/codes.js";
import { planOf } from "../../harness/flash/plan.js";
import { carryOut } from "../../harness/flash/program.js";
import { openModule } from "../../harness/recover/open.js";
import { programModule } from "../../harness/recover/program.js";
import { enter, setUp } from "../../harness/session/session.js";
import type { Observer } from "../../harness/session/stage.js";
import { exchangesOf } from "../../harness/trace/conversation.js";
import type { Exchange } from "../../harness/trace/exchanges.js";
import { readTrace, type Trace } from "../../harness/trace/read.js";
import { withTrace } from "../../harness/trace/traced-rig.js";
import { firmware, type Part, whole } from "../sim/boot/images.js";
import { simBench } from "../support/bench.js";
import { plainSet } from "../support/package.js";
import { scratch } from "../support/scratch.js";
import { recorderTo } from "../support/trace.js";

/** A kind of failure that the simulated module can be made to show. */
export interface Kind {
  readonly kind: string;
  readonly sim: Readonly<Record<string, unknown>>;
  readonly code: CauseCode;
  /** What lies on the flash before. */
  readonly before?: readonly Part[];
}

const always = 1000;
const fault = (at: object, action: unknown, count = 1) => ({ faults: [{ at, do: action, count }] });

export const KINDS: readonly Kind[] = [
  { kind: "the wire of BOOT is open", sim: { wiring: { boot: "open" } }, code: "NOT_IN_ROM" },
  { kind: "TX and RX touch each other", sim: { wiring: { txRx: "bridged" } }, code: "LINE_ECHOES" },
  { kind: "boot info damaged", sim: fault({ command: "getBootInfo" }, "flip", always), code: "BOOT_INFO_CORRUPT" },
  { kind: "the adapter ends at 1 MBd", sim: { link: { maxBaud: 1_000_000 } }, code: "LINK_TOO_SLOW" },
  {
    kind: "the T01 quirk",
    sim: { quirks: { t01Reflash: true } },
    before: whole(firmware("t01")),
    code: "SET_PARA_SILENT",
  },
  {
    kind: "the module resets at clock-set",
    sim: fault({ command: "clockSet" }, "reset", always),
    code: "MODULE_LEFT_ROM",
  },
  {
    kind: "the module loses its power while it is erased",
    sim: fault({ stage: "erase" }, "cutPower", always),
    code: "MODULE_LEFT_ROM",
  },
  { kind: "the flash is not there", sim: { jedec: "ffffff" }, code: "FLASH_UNREACHED" },
  {
    kind: "the flash does not start",
    sim: fault({ command: "flashSetPara" }, { refuse: 0x0001 }, always),
    code: "FLASH_UNREACHED",
  },
  {
    kind: "the erase is refused",
    sim: fault({ command: "flashErase" }, { refuse: 0x0003 }, always),
    code: "ERASE_REFUSED",
  },
  { kind: "the erase is silent", sim: fault({ command: "flashErase" }, "drop", always), code: "ERASE_SILENT" },
  {
    kind: "a write is refused",
    sim: fault({ command: "flashWrite", nth: 3 }, { refuse: 0x0006 }, always),
    code: "WRITE_FAILED",
  },
  { kind: "a buffer of 512 bytes", sim: { quirks: { payloadLimit: 512 } }, code: "BRIDGE_BUFFER" },
  {
    kind: "the module goes away while it is written",
    sim: fault({ command: "flashWrite", nth: 5 }, "silent", always),
    code: "MODULE_LEFT_ROM",
  },
  {
    kind: "a cell that is always 0",
    sim: { quirks: { stuckBits: [{ address: 0x10100, bit: 3, value: 0 }] } },
    code: "VERIFY_MISMATCH",
  },
  {
    kind: "commands damaged on the line",
    sim: fault({ command: "flashErase" }, { refuse: 0x0103 }, always),
    code: "COMMAND_DAMAGED",
  },
];

/** None of its bytes is FF, and none has bit 3 clear at the stuck cell. */
const PLAN = planOf(
  {
    ...plainSet([
      { section: "image", address: 0x10000, bytes: Uint8Array.from({ length: 32_768 }, (_, at) => (at * 7) | 0x08) },
    ]),
    findings: [],
  },
  { compress: "off" },
);

export interface Played {
  readonly exchanges: readonly Exchange[];
  readonly trace: Trace;
  readonly passed: boolean;
}

const VENDOR_PAUSES = { greetMs: 100, settleMs: 500, rateSettleMs: 110 };

/** A flash of a small file, as the vendor's tool does it: what fails is not begun again. Or with all that we do about it. */
export async function play(
  { sim, before = [] }: Pick<Kind, "sim" | "before">,
  how: "plainly" | "with the ladder",
): Promise<Played> {
  using folder = scratch();
  const { rig, clock, deadline, module } = simBench({ ...sim });
  const timing = { ...rig.timing, ...(how === "plainly" && VENDOR_PAUSES) };
  for (const [address, bytes] of before) module.flash.set(bytes, address);
  let passed = true;
  {
    using recorder = recorderTo(folder.file("trace"), clock);
    const traced = withTrace({ ...rig, timing }, recorder);
    const observer: Observer = {
      begin: (stage) => recorder.begin("stage", stage),
      stage: ({ stage }) => recorder.end("stage", stage),
    };
    try {
      if (how === "with the ladder")
        await programModule(await openModule(traced, deadline, observer), PLAN, deadline, observer);
      else {
        const session = await setUp(await enter(traced, deadline, observer), 2_000_000, deadline, observer);
        for (const step of PLAN.steps) await carryOut(step, session, deadline, observer);
      }
    } catch {
      passed = false;
    }
  }
  const trace = readTrace(folder.file("trace"));
  return { trace, exchanges: exchangesOf(trace.records), passed };
}
