import { type LaneRun, labels, own, processesOf } from "./lane-run.js";
import type { Scratch } from "./scratch.js";

/** What a case may end as; the first is what a file that is refused as a whole is told as, by itself. */
type Verdict = "passed" | "failed" | "broken" | "skipped";

interface Scene {
  readonly text: string;
  /** Its cases, each with the verdicts that are right. */
  readonly cases: Readonly<Record<string, readonly Verdict[]>>;
  /** Whether it may be one broken case `load <path>` in place of its cases. */
  readonly refused: "never" | "always" | "maybe";
}

/** What is done, as code; `rest` runs after it, if anything does. */
const DEEDS = {
  exit: "process.exit(0);",
  "exit with a code": "process.exit(7);",
  throw: 'throw new Error("thrown");',
  "throw nothing": "throw undefined;",
  "throw what throws": 'throw Object.defineProperty(new Error("x"), "message", { get() { throw new Error("y"); } });',
  "throw odd characters": 'throw new Error("]]>\\u0000\\ud800\\u001b[2J<&\\u202e");',
  "kill itself": 'process.kill(process.pid, "SIGKILL");',
  abort: "process.abort();",
  stray: 'void Promise.reject(new Error("stray"));',
  "stray soon": 'setTimeout(() => { throw new Error("stray"); }, 10);',
  "stray of any size": 'void Promise.reject(new Error("s".repeat(10 * 1024 * 1024)));',
  "leak a timer": "setInterval(() => undefined, 100);",
  "leak a server": '(await import("node:net")).createServer().listen(0, "127.0.0.1");',
  "leak a process": '(await import("node:child_process")).spawn("sleep", ["600"], { stdio: "inherit" });',
  block: "for (const end = performance.now() + 300; performance.now() < end; );",
  print: 'for (let line = 0; line < 3000; line++) console.log("p".repeat(1000));',
  "end its output": "process.stdout.end(); process.stderr.destroy();",
  "spoil JSON": "JSON.parse = () => ({});",
  "spoil all objects": 'Object.prototype.verdict = "passed";',
  "forget fake timers": "globalThis.setTimeout = () => 0; globalThis.Date = class {};",
  "close the channel": 'for (const fd of [4, 5]) (await import("node:fs")).closeSync(fd);',
  "write into the channel": '(await import("node:fs")).writeSync(3, "{}\\n");',
  "drop all listeners": "process.removeAllListeners();",
  spin: "for (;;);",
} as const;
type Deed = keyof typeof DEEDS;

const HARMLESS: readonly Deed[] = ["leak a timer", "leak a server", "leak a process", "block", "print"];
const STRAYS: readonly Deed[] = ["stray", "stray soon", "stray of any size"];
/** These do not end a file that is loaded, but a process of them is of no use: nobody promises anything for its other files. */
const NOT_AT_LOAD: readonly Deed[] = ["spoil JSON", "spoil all objects", "forget fake timers", "end its output"];
const CHANNEL: readonly Deed[] = ["close the channel", "write into the channel", "drop all listeners"];
/** What is done after the end of a case must be such that it is done within a moment, or not at all. */
const LATE: readonly Deed[] = ["exit", "throw", "kill itself", "stray", "leak a timer"];

const SYNCHRONOUS = (Object.keys(DEEDS) as Deed[]).filter((deed) => !DEEDS[deed].includes("await "));
const IN_BODY = Object.keys(DEEDS) as Deed[];
const AT_LOAD = IN_BODY.filter((deed) => ![...NOT_AT_LOAD, ...CHANNEL].includes(deed));
const IN_PARAMETERS = AT_LOAD.filter((deed) => SYNCHRONOUS.includes(deed));

/** Bad ones of every kind, in every place; then good ones, whose verdicts nothing of all that may change. */
export function hostileScenes(count: number, random: () => number): Record<string, Scene> {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const make = (name: string): Scene => {
    const place = random();
    if (place < 0.4) return good(name, pick(Object.keys(GOOD)));
    if (place < 0.7) return inBody(name, pick(IN_BODY));
    if (place < 0.8) return afterEnd(name, pick(LATE));
    if (place < 0.9) return atLoad(name, pick(AT_LOAD));
    return inParameters(name, pick(IN_PARAMETERS));
  };
  const names = Array.from({ length: count }, (_, index) => `s${String(index).padStart(3, "0")}`);
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

const GOOD: Readonly<Record<string, readonly [body: string, verdict: Verdict]>> = {
  passes: ["", "passed"],
  waits: ["await new Promise((done) => setTimeout(done, 30));", "passed"],
  "talks to the module": ['expect((await openSession()).info.chipId).toBe("40827b037742");', "passed"],
  "fails as it should": ["expect(1).toBe(2);", "failed"],
  "measures too much": ['measure("distance", 12, "m", { max: 10 });', "failed"],
  skips: ['skip("not today");', "skipped"],
};

function good(name: string, kind: string): Scene {
  const [body, verdict] = GOOD[kind] ?? ["", "passed"];
  const both = labels("one", "two");
  const cases = { [`${name} one`]: [verdict], [`${name} two`]: [verdict] };
  return { text: `// ${kind}\n${own(name, body, both)}`, cases, refused: "never" };
}

/** Between two cases that do nothing. */
function inBody(name: string, deed: Deed): Scene {
  const text = own(name, `if (label === "bad") { ${DEEDS[deed]} }`, `timeoutMs: 1000, ${labels("a", "bad", "z")}`);
  // What spoils the process may break whoever does it, and nobody else.
  const harmless: readonly Verdict[] = HARMLESS.includes(deed) ? ["passed"] : ["broken"];
  const either: readonly Verdict[] = [...NOT_AT_LOAD, ...CHANNEL].includes(deed) ? ["passed", "broken"] : harmless;
  const cases = { [`${name} a`]: ["passed"], [`${name} bad`]: either, [`${name} z`]: ["passed"] } as const;
  return { text: `// ${deed} in a body\n${text}`, cases, refused: "never" };
}

function afterEnd(name: string, deed: Deed): Scene {
  const text = own(name, `setTimeout(async () => { ${DEEDS[deed]} }, 20);`);
  const verdict: Verdict = deed === "leak a timer" ? "passed" : "broken";
  return { text: `// ${deed} after the end\n${text}`, cases: { [name]: [verdict] }, refused: "never" };
}

function atLoad(name: string, deed: Deed): Scene {
  const text = `// ${deed} at load\nimport "node:fs";\n${DEEDS[deed]}\n${own(name, "")}`;
  return { text, cases: { [name]: ["passed", "broken"] }, refused: refusedBy(deed) };
}

function inParameters(name: string, deed: Deed): Scene {
  const text = own(name, "", `parameters: () => { ${DEEDS[deed]} return [{ label: "" }]; },`);
  return {
    text: `// ${deed} in parameters\n${text}`,
    cases: { [name]: ["passed", "broken"] },
    refused: refusedBy(deed),
  };
}

function refusedBy(deed: Deed): Scene["refused"] {
  if (HARMLESS.includes(deed)) return "never";
  return STRAYS.includes(deed) ? "maybe" : "always";
}

/** What is not as it should be; nothing: all is. */
export function judge(scenes: Readonly<Record<string, Scene>>, run: LaneRun, folder: Scratch): string[] {
  const found = new Map([...run.cases].map(([name, { verdict }]) => [name, verdict]));
  const wrong: string[] = [];
  const took = (name: string) => {
    const verdict = found.get(name);
    found.delete(name);
    return verdict;
  };
  for (const [file, { text, cases, refused }] of Object.entries(scenes)) {
    const what = `${file} (${text.split("\n", 1)[0]?.slice(3)})`;
    const loading = [...found.keys()].find((name) => name.startsWith("load ") && name.endsWith(`/${file}.ts`));
    if (loading !== undefined) {
      const verdict = took(loading);
      if (refused === "never" || verdict !== "broken") wrong.push(`${what}: not loaded, ${verdict}`);
      continue;
    }
    if (refused === "always") wrong.push(`${what}: was loaded`);
    for (const [name, right] of Object.entries(cases)) {
      const verdict = took(name);
      if (verdict === undefined) wrong.push(`${what}: ${name} is not in the report`);
      else if (!right.some((each) => each === verdict))
        wrong.push(`${what}: ${name} is ${verdict}, not ${right.join(" or ")}`);
    }
  }
  const verdicts = [...run.cases.values()].map(({ verdict }) => verdict);
  const troubles = run.events.some(({ type }) => type === "stray" || type === "rig.retired");
  const code = verdicts.includes("failed") ? 1 : verdicts.includes("broken") || troubles ? 2 : 0;
  const alive = processesOf(folder);
  return [
    ...wrong,
    ...[...found].map(([name, verdict]) => `${name} (${verdict}) is nobody's`),
    ...(run.code === code ? [] : [`exit code ${run.code}, not ${code}: ${run.stderr}`]),
    ...(alive.length === 0 ? [] : [`processes are alive: ${alive.join(", ")}`]),
  ];
}
