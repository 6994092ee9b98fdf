import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { eventsIn } from "../support/journal.js";
import { onSmallDisk } from "../support/namespace.js";
import { scratch } from "../support/scratch.js";
import { describeWithSmallDisk, WITHOUT_SMALL_DISK } from "../support/with-small-disk.js";

const PROGRAM = [process.execPath, resolve("dist/harness/cli/main.js")];

/** Three cases; the middle one fills the disk, has something long to tell, and may make room again. */
const scenarios = (filler: string, roomAgain: boolean): string[] =>
  [
    "",
    `try { writeFileSync(${JSON.stringify(filler)}, Buffer.alloc(1 << 20)); } catch {}
     note("n".repeat(10_000));
     await new Promise((done) => setTimeout(done, 500));
     ${roomAgain ? `rmSync(${JSON.stringify(filler)});` : ""}
     await deadline.sleep(1000);`,
    "",
  ].map(
    (body, index) => `import { rmSync, writeFileSync } from "node:fs";
      import { scenario } from "st67-hil";
      export default scenario({ name: "case-${index + 1}", run: async ({ note, deadline }) => { ${body} } });`,
  );

describeWithSmallDisk(`a run on a disk that is full${WITHOUT_SMALL_DISK}`, () => {
  test.each<[string, boolean, object[]]>([
    ["for one event", true, [{ case: "case-2", verdict: "broken", fault: { code: "FILE_UNWRITABLE" } }]],
    ["from then on", false, []],
  ])("%s: exit 2, no line is torn, what was judged is kept, and a report can be made of it", (_, roomAgain, last) => {
    using folder = scratch();
    const disk = folder.file("disk");
    mkdirSync(disk);
    for (const [index, text] of scenarios(`${disk}/filler`, roomAgain).entries())
      writeFileSync(folder.file(`${index}.ts`), text);
    const script = `"$@" run --scenarios '${folder.path}/*.ts' --out "$0/run"; code=$?
      rm -f "$0/filler"; cp "$0/run/events.jsonl" "${folder.file("events.jsonl")}"; "$@" report "$0/run" || exit 98
      exit $code`;
    const { code, stdout, stderr } = onSmallDisk("512k", disk, script, PROGRAM);
    expect({ code, told: stderr.match(/FILE_UNWRITABLE.*/g) }).toEqual({
      code: 2,
      told: [expect.stringContaining("events.jsonl: cannot be written: ENOSPC")],
    });
    expect(stdout).toContain("2 cases, interrupted; junit.xml, ");
    const events = eventsIn(folder.file("events.jsonl"));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(events.filter(({ type }) => type === "case.ended")).toMatchObject([
      { case: "case-1", verdict: "passed" },
      ...last,
    ]);
    expect(readFileSync(folder.file("events.jsonl"), "utf8")).toMatch(/\n$/);
  });
});

describeWithSmallDisk(`what goes to standard output${WITHOUT_SMALL_DISK}`, () => {
  test("a document of which only a part has room is lost, and that is told", () => {
    using folder = scratch();
    mkdirSync(folder.file("disk"));
    const script = `"$@" list --repeat 100 --json >"$0/document"`;
    const lost = "standard output: cannot be written: ENOSPC";
    const { code, stderr } = onSmallDisk("4k", folder.file("disk"), script, PROGRAM);
    expect({ code, told: stderr.split(lost).length - 1 }).toEqual({ code: 2, told: 1 });
  });
});

describeWithSmallDisk(`a history on a disk that is full${WITHOUT_SMALL_DISK}`, () => {
  test.each(["4k", "16k", "64k"])("of %s: a warning, and no verdict", (size) => {
    using folder = scratch();
    mkdirSync(folder.file("disk"));
    const script = `"$@" run identify --out '${folder.file("run")}' --history "$0/history.sqlite"`;
    const { code, stdout, stderr } = onSmallDisk(size, folder.file("disk"), script, PROGRAM);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^warning: this run is not in the history: .*history.sqlite: .*\n.*\n$/),
    });
    expect(stdout).toContain("1 case in");
  });
});
