import {
  type Bench,
  type Firmware,
  HarnessError,
  newestOf,
  type Plan,
  type Session,
  scenario,
} from "../harness/run/index.js";
import { differing, filesOf } from "./parts/hashes.js";

type Random = () => number;
type Fault = Readonly<Record<string, unknown>>;

/** What a noise must come to: `through`, the flash succeeds; `stopped`, it does not; and whatever stops it is the line. */
interface Noise {
  readonly faults: (plan: Plan, random: Random) => Fault[];
  readonly ends: "through" | "stopped" | "either";
}

const CHUNK_BYTES = 2048;
/** On the mean: about one byte of each flash of a firmware, answers counted in, beside the one that is sure to come. */
const HEAVY_BYTES = { host: 1_200_000, module: 2400 };
/** A flash is begun three times, and each time opened by the ladder. */
const PASSES = 10;
/** Of what opens a session. */
const OPENING_BYTES = 200;
const ALWAYS = 1_000_000_000;

const NOISES: Readonly<Record<string, Noise>> = {
  // Any file is begun three times: two bytes never stop it.
  "two bytes": {
    faults: (plan, random) => {
      const { host, module } = bytesOf(plan);
      return [anywhere("host", host, random), anywhere("module", module, random)];
    },
    ends: "through",
  },
  heavy: {
    faults: (plan, random) => {
      const { host, module } = bytesOf(plan);
      return [
        anywhere("host", host, random),
        ...nowAndThen("host", HEAVY_BYTES.host, PASSES * host, random),
        ...nowAndThen("module", HEAVY_BYTES.module, PASSES * (module + OPENING_BYTES), random),
      ];
    },
    ends: "either",
  },
  "every hash": {
    faults: () => [{ at: { command: "flashXipReadSha", nth: 1 }, do: "flip", count: ALWAYS }],
    ends: "stopped",
  },
};

/**
 * On a line that flips, drops and inserts bytes, both ways, no wrong content is ever taken for good, and nothing is held
 * against the module. What the host sends has a checksum, but for its opcode; what the module answers has none, but for boot
 * info: only that it is asked twice keeps a damaged hash from convicting it. At a moderate rate the flash gets through; at a
 * heavy one it may not, and then the line is named; with every hash damaged it must not.
 */
export default scenario({
  name: "noisy-line",
  tags: ["stress"],
  needs: ["faults"],
  // No erase cures a line: the rungs that lose the flash have no place here.
  ladder: 6,
  timeoutMs: 1_800_000,
  parameters: ({ firmwares }) =>
    newestOf(firmwares).flatMap((firmware) =>
      Object.entries(NOISES).map(([told, noise]) => ({ label: `${told} ${firmware.label}`, after: firmware, noise })),
    ),
  async run(bench, { after, noise }) {
    const { arm, boot, flash, note, random, skip, step, expect } = bench;
    const armed = noise.faults(after.plan(), random).map((fault) => arm({ faults: [fault] }));
    const { session, stopped } = await flashed(bench, after);
    for (const each of armed) each.disarm();
    const hits = armed.filter(({ struck: hit }) => hit).length;
    note(`noise: ${hits} of ${armed.length} faults came; ${stopped?.message ?? "the flash got through"}`);
    if (stopped !== undefined && (noise.ends === "through" || hits === 0)) throw stopped;
    if (noise.ends === "stopped" && session?.rom.lacks("flashXipReadSha"))
      return skip("the module does not hash its flash: there is no such answer to damage");
    if (hits < (noise.ends === "either" ? 1 : armed.length)) throw missed(after, hits, armed.length);
    if (stopped === undefined && noise.ends === "stopped") throw believed(after);
    if (stopped !== undefined || session === undefined) await flash(after);
    else expect(await step("the files, on a quiet line", () => differing(bench, session, filesOf(after)))).toEqual([]);
    await boot(after);
  },
});

interface Flashed {
  readonly session: Session | undefined;
  /** What was held against the line; whatever else goes wrong is thrown. */
  readonly stopped: HarnessError | undefined;
}

async function flashed({ openSession, flash }: Bench, firmware: Firmware): Promise<Flashed> {
  let session: Session | undefined;
  try {
    session = await openSession();
    await flash(firmware, session);
    return { session, stopped: undefined };
  } catch (error) {
    if (error instanceof HarnessError && error.blame === "link") return { session, stopped: error };
    throw error;
  }
}

/** What one flash without trouble has on the line at the least. */
function bytesOf({ steps }: Plan): { readonly host: number; readonly module: number } {
  const payloads = steps.flatMap((step) => (step.op === "write" ? [step.payload.length] : []));
  const chunks = payloads.reduce((sum, bytes) => sum + Math.ceil(bytes / CHUNK_BYTES), 0);
  return { host: payloads.reduce((sum, bytes) => sum + bytes, 0), module: "OK".length * chunks };
}

const anywhere = (dir: "host" | "module", bytes: number, random: Random): Fault =>
  struck(dir, Math.floor(random() * bytes), random);

function struck(dir: "host" | "module", byte: number, random: Random): Fault {
  const kinds = ["flip", "drop", "insert"];
  return { at: { byte, dir }, do: kinds[Math.floor(random() * kinds.length)] ?? "flip" };
}

/** Each byte as likely, one of `every`, up to `bytes`: the gaps between them are what such a chance makes of them. */
function nowAndThen(dir: "host" | "module", every: number, bytes: number, random: Random): Fault[] {
  const faults: Fault[] = [];
  for (let at = 0; ; ) {
    at += 1 + Math.floor(-Math.log(1 - random()) * every);
    if (at >= bytes) return faults;
    faults.push(struck(dir, at, random));
  }
}

const missed = ({ label }: Firmware, hits: number, all: number): HarnessError =>
  new HarnessError("MOMENT_MISSED", `noise on the flash of ${label}: ${hits} of ${all} faults came`);

const believed = ({ label }: Firmware): HarnessError =>
  new HarnessError("INTERNAL", `${label}: every answer to a hash was damaged, and the flash was taken for good`);
