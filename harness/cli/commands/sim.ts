import { rmSync } from "node:fs";
import type { ArgumentsCamelCase, Argv } from "yargs";
import type { Patience } from "../../../rigs/guard/claim.js";
import { Cleanup } from "../../base/cleanup.js";
import { type NamedPath, refuseCollisions } from "../../base/collisions.js";
import { HarnessError } from "../../base/errors.js";
import { refuseUnwritable } from "../../base/files.js";
import type { Clock } from "../../base/time.js";
import type { HostUart } from "../../sim/line/line.js";
import type { SimModule } from "../../sim/module.js";
import type { PtyPort } from "../../sim/port/pty.js";
import type { Recorder } from "../../trace/recorder.js";
import { recorderOf, refuseTrace } from "../bench/trace.js";
import type { RigArgs } from "../bench/workbench.js";
import { withRig } from "../options/options.js";
import { withTraceFile } from "../options/trace.js";
import { onInterrupt } from "../terminal/interrupt.js";
import { print, printJson, report, tell } from "../terminal/output.js";

/** A state is saved when the flash was left alone for so long. */
const QUIET_MS = 1000;
/** All else that ends a process and can be caught: the link must not stay behind. */
const ENDINGS = [
  "SIGQUIT",
  "SIGABRT",
  "SIGUSR2",
  "SIGALRM",
  "SIGVTALRM",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGIO",
  "SIGPWR",
] as const;

export const options = (yargs: Argv) =>
  withTraceFile(withRig(yargs))
    .option("link", {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "Symbolic link to make: the serial port for other programs",
    })
    .option("control", { type: "string", requiresArg: true, describe: "Unix socket for the lines: boot 1, en 0, ?" })
    .option("spi", {
      type: "string",
      requiresArg: true,
      describe: "Unix socket for the SPI: cs 0|1, xfer HEX, ready 0|1",
    })
    .option("state", { type: "string", requiresArg: true, describe: "File that keeps the module between starts" })
    .option("start", {
      type: "string",
      choices: ["rom", "run", "off"] as const,
      default: "rom" as const,
      requiresArg: true,
      describe: "The module at first: in its boot ROM, running its firmware, or off",
    })
    .option("pace", { type: "boolean", default: false, describe: "Bytes take their time on the line" })
    .example("$0 sim --link ./module --control ./lines", "Then: straps: { driver: socket, path: ./lines }")
    .example("echo 'boot 1' | $0 sim --link ./module", "Lines on standard input: boot, en, power with 0 or 1");

type Args = ArgumentsCamelCase<Awaited<ReturnType<typeof options>["argv"]>>;

export async function run({
  rig,
  set,
  wait,
  trace,
  link,
  control,
  spi,
  state,
  start,
  pace,
  json,
}: Args): Promise<number> {
  const twice = state === undefined ? undefined : set.find((each) => each.startsWith("sim.state="));
  if (twice !== undefined)
    throw new HarnessError("USAGE", `--state does not go with --set ${twice}: one of them would mean nothing`);
  using interrupt = onInterrupt(ENDINGS);
  try {
    await using cleanup = new Cleanup();
    const outputs = [
      { name: "--link", path: link },
      { name: "--control", path: control },
      { name: "--spi", path: spi },
      { name: "--trace", path: trace },
    ];
    const asked = { rig, set, wait, trace, state, pace, spi, outputs };
    const { module, clock, recorder } = await openModule(asked, interrupt.signal, cleanup);
    const [{ PtyPort }, { tracedPins, tracedPlug }, { placeLink }, { obey, startAs }] = await Promise.all([
      import("../../sim/port/pty.js"),
      import("../../sim/port/traced.js"),
      import("../../sim/port/link.js"),
      import("../../sim/port/control.js"),
    ]);
    const plug = (host: HostUart) => module.plug(host, pace);
    const port = new PtyPort(clock, recorder === undefined ? plug : tracedPlug(plug, recorder));
    cleanup.defer(() => close(port));
    const pins = recorder === undefined ? module.pins : tracedPins(module.pins, recorder);
    startAs(start, pins);
    const answer = (order: string) => obey(order, pins);
    if (control !== undefined) {
      const { openControl } = await import("../../sim/port/control-socket.js");
      keepSocket(control, await openControl(control, answer), cleanup);
    }
    if (spi !== undefined) {
      const [{ openSpiSocket }, { SPI_HZ }] = await Promise.all([
        import("../../sim/port/spi-socket.js"),
        import("../../sim/spi/port.js"),
      ]);
      keepSocket(spi, await openSpiSocket(spi, module, clock, pace ? SPI_HZ : Number.POSITIVE_INFINITY), cleanup);
    }
    const removeLink = placeLink(link, port.path);
    cleanup.defer(async () => removeLink());
    atExit(removeLink, cleanup);
    await hearOrders(answer, clock, cleanup);
    if (json) printJson({ link, pty: port.path, control, spi });
    else print(`${link} -> ${port.path}`);
    await keepSaved(module, recorder, clock, interrupt.signal);
  } catch (error) {
    const exitCode = report(error, json);
    return interrupt.exitCode ?? exitCode;
  }
  return interrupt.exitCode ?? 0;
}

/** Node's timers are late by about so much, in ms: on a line that takes its time that would be 20 % of a flash. */
const SPIN_MS = 1.5;
/** A timer that is late, and what a chunk of an xz stream costs this process: 0.4 ms. */
const AHEAD_MS = 2;

/** A module in real time, from the `sim:` section of a rig file. It ends without power, and saved. */
async function openModule(
  {
    rig,
    set,
    wait,
    trace,
    state,
    pace,
    spi,
    outputs,
  }: RigArgs & {
    state: string | undefined;
    pace: boolean;
    spi: string | undefined;
    outputs: readonly NamedPath[];
  },
  signal: AbortSignal,
  cleanup: Cleanup,
) {
  const [{ loadRig }, { rigPaths }, { SimModule }, { SteadyClock }, { SystemClock }, { randomOf }] = await Promise.all([
    import("../../../rigs/file/load.js"),
    import("../bench/paths.js"),
    import("../../sim/module.js"),
    import("../../sim/time/steady-clock.js"),
    import("../../base/time.js"),
    import("../../base/random.js"),
  ]);
  const config = loadRig(rig, set);
  const settings = state === undefined ? config.sim : { ...config.sim, state };
  const asRun = { ...config, sim: settings };
  const { written, read } = rigPaths(rig, asRun, true);
  refuseCollisions([...outputs, ...written], read);
  if (trace !== undefined) await refuseTrace(trace, rig, asRun, true);
  if (settings.state !== undefined) {
    refuseUnwritable(settings.state);
    await claimState(settings.state, { wait, signal, tell, clock: new SystemClock() }, cleanup);
  }
  const { resetMinMs, bootHoldMs } = settings.quirks;
  // What the SPI socket tells waits for no time of its own; and a pin may change until it is looked at.
  const inTime = spi !== undefined || resetMinMs > 0 || bootHoldMs > 0;
  const punctuality = pace ? { spinMs: SPIN_MS, aheadMs: inTime ? 0 : AHEAD_MS } : {};
  const clock = new SteadyClock(new SystemClock(), punctuality);
  const module = new SimModule(settings, clock, randomOf(1, "rig"));
  cleanup.defer(async () => module.save());
  cleanup.defer(async () => module.pins.set("power", false));
  const recorder =
    trace === undefined
      ? undefined
      : await recorderOf(trace, { rig: config.name, simulated: true, side: "module" }, clock);
  if (recorder !== undefined) cleanup.defer(async () => recorder[Symbol.dispose]());
  return { module, clock, recorder };
}

/** As long as the module lives: a second one on its state would lose the work of one of them. */
async function claimState(path: string, patience: Patience, cleanup: Cleanup): Promise<void> {
  const [{ claim }, { stateFile }] = await Promise.all([
    import("../../../rigs/guard/claim.js"),
    import("../../../rigs/guard/lock.js"),
  ]);
  const lock = await claim("sim", [stateFile(path)], patience);
  cleanup.defer(async () => lock[Symbol.dispose]());
}

function keepSocket(path: string, socket: AsyncDisposable, cleanup: Cleanup): void {
  cleanup.use(socket);
  atExit(() => rmSync(path, { force: true }), cleanup);
}

async function close(port: PtyPort): Promise<void> {
  await port[Symbol.asyncDispose]();
  if (port.lost > 0) tell(`${port.lost} bytes of the module were lost: nobody read them`);
}

/** The last resort, for a process that ends before it has tidied up. */
function atExit(tidy: () => void, cleanup: Cleanup): void {
  process.on("exit", tidy);
  cleanup.defer(async () => void process.off("exit", tidy));
}

/** Lines of standard input are orders too. What is told here is for people. */
async function hearOrders(answer: (order: string) => string, clock: Clock, cleanup: Cleanup): Promise<void> {
  const [{ orders }, { hearInput }] = await Promise.all([
    import("../../sim/port/control.js"),
    import("../terminal/input.js"),
  ]);
  const hear = orders((order) => {
    const answered = answer(order);
    if (answered !== "ok") tell(answered);
  });
  const input = hearInput(hear, clock);
  cleanup.defer(async () => input[Symbol.dispose]());
}

/** Until it is interrupted. @throws HarnessError FILE_UNWRITABLE when the state cannot be saved; what nobody else caught. */
async function keepSaved(
  module: SimModule,
  recorder: Recorder | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let seen = module.changes; ; seen = module.changes) {
      await clock.sleep(QUIET_MS, signal);
      recorder?.flush();
      if (module.changes === seen) module.save();
    }
  } catch (error) {
    const calledOff = error instanceof HarnessError && error.code === "ABORTED";
    if (!calledOff) throw error;
  }
}
