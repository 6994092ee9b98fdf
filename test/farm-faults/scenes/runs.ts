import { CASES, clock, type Farm, LEASE_MS } from "../farm.js";
import { judge } from "../judge.js";
import { during, killAgent, moment, pick, type Scene, underWay } from "../stage.js";
import { addAgain, doubleEvents } from "../twice.js";

/** Of the matrix of four firmwares: each over each, and over itself. */
const NIGHT = ["--suite", "nightly"];

/** What each case came to, by its name. */
const verdictsIn = (farm: Farm, run: string): ReadonlyMap<string, string> =>
  new Map(
    farm.events(run).flatMap((event) => (event.type === "case.ended" ? [[event.case, event.verdict] as const] : [])),
  );

/** Runs without a fault, and faults of those who started them. */
export const RUNS: Readonly<Record<string, Scene>> = {
  "a night is that of one rig": {
    most: 1,
    play: async ({ farm, run, note }) => {
      for (const rig of farm.rigs) farm.agent(rig, []);
      await farm.ready();
      const night = farm.command("run", ...NIGHT, "--run-id", run, "--out", farm.out(run), "--lease", `${LEASE_MS}ms`);
      const code = await farm.end(night);
      if ((await farm.end(farm.local("local", ...NIGHT))) !== 0) throw new Error("the night on one rig is not good");
      const local = verdictsIn(farm, "local");
      const here = verdictsIn(farm, run);
      const other = [...local].filter(([name, verdict]) => here.get(name) !== verdict);
      if (other.length > 0) throw new Error(`not the same as on one rig: ${other.map(([name]) => name).join(", ")}`);
      note(`${local.size} cases`);
      return { run, cases: [...local.keys()], code };
    },
  },
  "nothing happens": { play: (stage) => during(stage, async () => undefined, { calm: true }) },
  "two runs at once": {
    most: 5,
    play: async (stage) => {
      const { farm, run } = stage;
      await farm.ready();
      const other = `${run}-other`;
      const runs = [farm.run(run), farm.run(other)];
      await moment(stage);
      await killAgent(stage, pick(stage, farm.rigs));
      const [code = 0, second] = await Promise.all(runs.map((each) => farm.end(each)));
      const wrong = judge(farm, { run: other, cases: CASES, code: second ?? 0 });
      if (wrong.length > 0) throw new Error(`the other run: ${wrong.join("; ")}`);
      return { run, cases: CASES, code };
    },
  },
  "the dispatcher is killed": {
    play: async (stage) => {
      const { farm, run, note, random } = stage;
      const running = await underWay(stage);
      running.signal("SIGKILL");
      await running.ended();
      await clock.sleep(random() * 2 * LEASE_MS);
      note("attached");
      return { run, cases: CASES, code: await farm.end(farm.attach(run)), calm: true };
    },
  },
  "the dispatcher stands still": {
    play: async (stage) => {
      const { farm, run, note, random } = stage;
      const running = await underWay(stage);
      running.signal("SIGSTOP");
      const ms = Math.round(LEASE_MS * (1.2 + random()));
      note(`SIGSTOP of the dispatcher, attached after ${ms} ms`);
      await clock.sleep(ms);
      const attached = farm.attach(run);
      await clock.sleep(random() * 3000);
      running.signal("SIGCONT");
      const [first, second] = [await farm.end(running), await farm.end(attached)];
      // On a busy machine the first one is there again before anybody takes the run over.
      const isRefused = attached.stderr.includes("writes it down");
      note(isRefused ? "nobody took it over" : `the first one ended with ${first}`);
      return { run, cases: CASES, code: isRefused ? first : second };
    },
  },
  "Ctrl-C of the dispatcher": {
    play: (stage) =>
      during(stage, async (running) => running.signal("SIGINT"), {
        verdicts: ["passed", "aborted"],
        interrupted: true,
        codes: [130],
      }),
  },
  "the terminal of the dispatcher goes away": {
    play: async (stage) => {
      const { farm, run } = stage;
      const running = await underWay(stage);
      running.signal("SIGHUP");
      const first = await farm.end(running);
      if (first !== 129 && first !== 0) throw new Error(`exit code ${first}, not 129`);
      return { run, cases: CASES, code: await farm.end(farm.attach(run)), calm: true };
    },
  },
  "it is cancelled in mid-erase": {
    play: (stage) =>
      during(
        stage,
        async () => {
          const { farm, run } = stage;
          if ((await farm.end(farm.command("cancel", run))) !== 0) throw new Error("farm cancel failed");
        },
        { verdicts: ["passed", "aborted"], interrupted: true, codes: [2] },
      ),
  },
  "a job is delivered twice": {
    play: (stage) =>
      during(stage, async () => {
        const { farm, run, random, note } = stage;
        note(await addAgain(farm, run, random));
        note(await doubleEvents(farm, run, random));
      }),
  },
};
