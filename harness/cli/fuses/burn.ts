import type { Deadline } from "../../base/time.js";
import type { EfusePlan } from "../../flash/efuse-plan.js";
import type { Session } from "../../session/session.js";
import type { Observer } from "../../session/stage.js";
import type { Leave } from "../bench/leave.js";
import { atBench, type Bench, rigFacts } from "../bench/workbench.js";
import { colors, print, printJson, tell } from "../terminal/output.js";
import type { FuseJob } from "./job.js";

/** What a file of fuses sets, as far as that can be said without a module. */
export async function dryFuses({ file }: FuseJob): Promise<{ readonly lines: string[]; readonly document: unknown }> {
  const [{ efusePlan }, { dryLinesOf, documentOf }] = await Promise.all([
    import("../../flash/efuse-plan.js"),
    import("./text.js"),
  ]);
  const plan = efusePlan(new Uint8Array(file.wanted.length), file.wanted, file.mask);
  return { lines: dryLinesOf(plan, file.name), document: documentOf(plan, file.name) };
}

/** Fuses without any flash: a look at the changes, or a burn. @returns the exit code. */
export async function fusesAlone(
  bench: Bench,
  job: FuseJob,
  { json, dryRun, leave }: { readonly json: boolean; readonly dryRun: boolean; readonly leave: Leave["asked"] },
): Promise<number> {
  if (dryRun) {
    const { lines, document } = await dryFuses(job);
    if (json) printJson({ ...rigFacts(bench), efuse: document });
    else for (const line of lines) print(line);
    return 0;
  }
  const { openModule } = await import("../../recover/open.js");
  const how = { what: `fuses ${job.file.name}`, json, leave: { asked: leave, usual: "run", worked: "rom" } } as const;
  return atBench(bench, how, async ({ rig, deadline, observer, stages }) => {
    const session = await openModule(rig, deadline, observer);
    const plan = await planFuses(session, job, json, deadline);
    const efuse = await burnFuses(session, plan, json, deadline, observer);
    if (json) printJson({ ...rigFacts(bench), module: session.info.chipId, stages, efuse });
    return 0;
  });
}

/** A plan of the fuses of the module at hand. */
interface PlannedFuses extends FuseJob {
  readonly plan: EfusePlan;
}

/**
 * Reads the fuses, shows what would change, and refuses what may not be. Nothing was erased or written yet.
 *
 * @throws HarnessError USAGE, WRONG_MODULE, PLAN_INVALID; see `burnEfuses`.
 */
export async function planFuses(
  session: Session,
  job: FuseJob,
  json: boolean,
  deadline: Deadline,
): Promise<PlannedFuses> {
  const [{ fusesForPlan, refuseUnarmed }, { efusePlan, refuseForbidden }, { linesOf }] = await Promise.all([
    import("../../flash/efuse.js"),
    import("../../flash/efuse-plan.js"),
    import("./text.js"),
  ]);
  const { file, chipId } = job;
  if (chipId !== undefined) refuseUnarmed(session, chipId);
  const plan = efusePlan(await fusesForPlan(session, deadline), file.wanted, file.mask);
  const { rig, info } = session;
  const show = json ? tell : print;
  for (const line of linesOf(plan, file.name, info.chipId)) show(line);
  refuseForbidden(plan, `${rig.name}: module ${info.chipId}`);
  if (plan.writes.length > 0 && chipId !== undefined)
    tell(`FUSES WILL BE BURNED INTO MODULE ${chipId}: THIS CANNOT BE UNDONE`, (text) => colors.bold(colors.red(text)));
  return { ...job, plan };
}

/** Burns what was planned, or says what a burn takes. @returns what a program may want to know of it. */
export async function burnFuses(
  session: Session,
  { file, chipId, plan }: PlannedFuses,
  json: boolean,
  deadline: Deadline,
  observer: Observer,
): Promise<unknown> {
  const [{ burnEfuses }, { documentOf }] = await Promise.all([import("../../flash/efuse.js"), import("./text.js")]);
  const module = session.info.chipId;
  if (chipId === undefined) {
    const how = `allow.efuse: true in the rig file, and --burn-efuse --chip-id ${module}`;
    tell(`nothing was written${plan.writes.length > 0 ? `; to burn these fuses, which cannot be undone: ${how}` : ""}`);
    return documentOf(plan, file.name);
  }
  const burnt = await burnEfuses(session, plan, chipId, deadline, observer);
  if (!json && burnt.writes > 0) print(`the fuses of module ${module} hold what ${file.name} sets, read back`);
  for (const name of burnt.unverified) tell(`${name}: cannot be verified: it is read-locked`, colors.yellow);
  return documentOf(plan, file.name, burnt);
}
