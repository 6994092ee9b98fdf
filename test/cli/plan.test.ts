import { expect, test } from "@jest/globals";
import { planned } from "../../harness/cli/run/plan.js";
import type { Crew } from "../../harness/run/lanes/crew.js";

test("where one rig's lane cannot load the scenarios, nobody is told before the others have ended loading", async () => {
  let end = (_: Error): void => undefined;
  const loading = new Promise<never>((_, fail) => {
    end = fail;
  });
  const said: string[] = [];
  const loads = [Promise.reject(new Error("first")), loading];
  const crews = loads.map((load) => ({ load: () => load }) as unknown as Crew);
  const failing = planned(crews, {}).catch((error: unknown) => void said.push(String(error)));
  await new Promise((done) => setImmediate(done));
  said.push("the others");
  end(new Error("second"));
  await failing;
  expect(said).toEqual(["the others", "Error: first"]);
});
