import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { openControl } from "../../../harness/sim/port/control-socket.js";
import { placeLink } from "../../../harness/sim/port/link.js";
import { openShared } from "../../../rigs/guard/shared-file.js";
import { testAsRoot, WITHOUT_ROOT } from "../../support/as-root.js";
import { scratch } from "../../support/scratch.js";
import { thrownBy } from "../support.js";

const STRANGER = 12_345;
const MKFIFO = "mkfifo";

const modeOf = (path: string): number => statSync(path).mode & 0o7777;

test("a link where the folder should be is refused, and nothing is made behind it", () => {
  using folder = scratch();
  mkdirSync(folder.file("theirs"));
  chmodSync(folder.file("theirs"), 0o755);
  for (const target of ["theirs", "nowhere"]) {
    const link = folder.file(`to-${target}`);
    symlinkSync(folder.file(target), link);
    expect(thrownBy(() => openShared(link, "a.lock"))).toMatchObject({
      code: "FILE_UNWRITABLE",
      message: expect.stringContaining(link),
      advice: expect.stringContaining("remove what is in the way"),
    });
  }
  expect(readdirSync(folder.path)).toEqual(["theirs", "to-nowhere", "to-theirs"]);
  expect({ made: readdirSync(folder.file("theirs")), mode: modeOf(folder.file("theirs")) }).toEqual({
    made: [],
    mode: 0o755,
  });
});

testAsRoot(
  `another user's folder is refused with what to do, and stays as it is; of one of ours it is taken${WITHOUT_ROOT}`,
  () => {
    using folder = scratch();
    const shared = folder.file("locks");
    mkdirSync(shared);
    chmodSync(shared, 0o755);
    chownSync(shared, STRANGER, STRANGER);
    expect(thrownBy(() => openShared(shared, "a.lock"))).toMatchObject({
      code: "FILE_UNWRITABLE",
      message: `${shared}: the folder of the locks belongs to another user (uid ${STRANGER})`,
      advice: expect.stringContaining(`sudo chown root ${shared} && sudo chmod 1777 ${shared}`),
    });
    expect({ made: readdirSync(shared), mode: modeOf(shared) }).toEqual({ made: [], mode: 0o755 });
    closeSync(openShared(shared, "a.lock", { root: true, owners: [0, STRANGER] }));
    expect(modeOf(shared)).toBe(0o755);
  },
);

testAsRoot(`a folder of one of ours in which everybody removes everything is refused${WITHOUT_ROOT}`, () => {
  using folder = scratch();
  const shared = folder.file("locks");
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  chownSync(shared, STRANGER, STRANGER);
  expect(thrownBy(() => openShared(shared, "a.lock", { root: true, owners: [0, STRANGER] })).message).toBe(
    `${shared}: the folder of the locks lets others remove your files`,
  );
});

test.each(["link", "hard link", "fifo"])(
  "a %s where a lock file should be is refused, and what it leads to stays",
  (kind) => {
    using folder = scratch();
    const victim = folder.file("victim");
    writeFileSync(victim, "precious");
    chmodSync(victim, 0o600);
    mkdirSync(folder.file("locks"));
    const path = folder.file("locks/a.lock");
    if (kind === "link") symlinkSync(victim, path);
    else if (kind === "hard link") linkSync(victim, path);
    else spawnSync(MKFIFO, [path]);
    expect(thrownBy(() => openShared(folder.file("locks"), "a.lock"))).toMatchObject({
      code: "FILE_UNWRITABLE",
      message: expect.stringContaining(`${path}: cannot be opened: `),
    });
    expect({ text: readFileSync(victim, "utf8"), mode: modeOf(victim) }).toEqual({ text: "precious", mode: 0o600 });
  },
);

testAsRoot(`sim: another user's link and another user's socket stay${WITHOUT_ROOT}`, async () => {
  using folder = scratch();
  symlinkSync("/nowhere", folder.file("link"));
  lchownSync(folder.file("link"), STRANGER, STRANGER);
  expect(thrownBy(() => placeLink(folder.file("link"), "/dev/pts/0")).message).toContain(
    `another user (uid ${STRANGER})`,
  );
  const server = createServer().listen(folder.file("born"));
  await new Promise((done) => server.once("listening", done));
  linkSync(folder.file("born"), folder.file("socket"));
  await new Promise((done) => server.close(done));
  chownSync(folder.file("socket"), STRANGER, STRANGER);
  await expect(openControl(folder.file("socket"), () => "ok")).rejects.toMatchObject({
    code: "FILE_UNWRITABLE",
    message: expect.stringContaining(`another user (uid ${STRANGER})`),
  });
  expect(readdirSync(folder.path)).toEqual(["link", "socket"]);
});
