import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "@jest/globals";
import { Farm } from "../farm-faults/farm.js";
import { testWithRedis, WITHOUT_REDIS } from "../support/with-redis.js";

/** Ends its process, as a system without memory does, where it is loaded for one of these times. */
const killedAt = (file: string, ...times: readonly number[]): string => `import { scenario } from "st67-hil";
import { appendFileSync, readFileSync } from "node:fs";
appendFileSync(${JSON.stringify(file)}, "x");
if (${JSON.stringify(times)}.includes(readFileSync(${JSON.stringify(file)}).length)) process.kill(process.pid, "SIGKILL");
export default scenario({ name: "is ended", async run() {} });
`;

/** @returns what the run came to where the second, third .. time that the file is loaded is an agent's. */
async function runWith(...times: readonly number[]) {
  await using farm = await Farm.start({ rigs: 1 });
  writeFileSync(farm.folder.file("scenarios/ended.ts"), killedAt(farm.folder.file("loads.txt"), ...times));
  await farm.ready();
  const code = await farm.end(farm.run("r", ["--grep", "is ended"]));
  const ended = farm.events("r").filter(({ type }) => type === "case.ended");
  const loads = readFileSync(farm.folder.file("loads.txt")).length;
  return { code, ended, loads, left: await farm.stop() };
}

testWithRedis(
  `who ended the process that loads a file is not known: it gets a second chance${WITHOUT_REDIS}`,
  async () => {
    const { code, ended, loads, left } = await runWith(2);
    expect(ended).toMatchObject([{ case: "is ended", verdict: "passed" }]);
    expect({ code, loads, left }).toEqual({ code: 0, loads: 3, left: [] });
  },
);

testWithRedis(`a case that an agent has not loaded is not begun, and why is told${WITHOUT_REDIS}`, async () => {
  const { code, ended, left } = await runWith(2, 3);
  const message = expect.stringMatching(
    /case "is ended" is not among those that were loaded here: .*ended\.ts: .*SIGKILL/,
  );
  expect(ended).toMatchObject([{ case: "is ended", verdict: "broken", fault: { code: "FARM_REFUSED", message } }]);
  expect({ code, left }).toEqual({ code: 2, left: [] });
});

testWithRedis(
  `what the files of an agent import is theirs, and as it is when a job comes: another one is refused${WITHOUT_REDIS}`,
  async () => {
    await using farm = await Farm.start({ rigs: 1 });
    const [ours, theirs] = ["scenarios", "theirs"].map((name) => farm.folder.file(name)) as [string, string];
    mkdirSync(`${ours}/lib`);
    writeFileSync(`${ours}/lib/limit.ts`, "export const limit = 1;\n");
    const judges = `async run({ expect }) { expect(1).toBeLessThanOrEqual(limit); }`;
    const text = `import { scenario } from "st67-hil";
import { limit } from "./lib/limit.js";
export default scenario({ name: "judges", ${judges} });
`;
    writeFileSync(`${ours}/judges.ts`, text);
    cpSync(ours, theirs, { recursive: true });
    farm.agent(farm.rigs[0] ?? "", ["--scenarios", `${theirs}/*.ts`]);
    await farm.ready();
    const codes = [await farm.end(farm.run("same", ["--grep", "judges"]))];
    writeFileSync(`${theirs}/lib/limit.ts`, "export const limit = 1000;\n");
    codes.push(await farm.end(farm.run("other", ["--grep", "judges"])));
    expect(codes).toEqual([0, 2]);
    expect(farm.journal("other")).toMatch(/"verdict":"broken".*"FARM_REFUSED".*hash of the scenario files/);
    expect(await farm.stop()).toEqual([]);
  },
);
