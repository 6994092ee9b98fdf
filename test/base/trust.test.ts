import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { type Hands, ourHands, refuseForeign } from "../../harness/base/trust.js";
import { thrownBy } from "../rigs/support.js";
import { testAsRoot, WITHOUT_ROOT } from "../support/as-root.js";
import { scratch } from "../support/scratch.js";

const ME = process.geteuid?.() ?? 0;
const USER: Hands = { root: false, owners: [0, ME] };
const ROOT: Hands = { root: true, owners: [0, ME] };
const STRANGER = 12_345;

function made() {
  const folder = scratch();
  const file = folder.file("mine/own.ts");
  mkdirSync(folder.file("mine"));
  writeFileSync(file, "");
  chmodSync(folder.file("mine"), 0o755);
  chmodSync(file, 0o644);
  return { file, folder: folder.file("mine"), link: folder.file("link"), [Symbol.dispose]: folder[Symbol.dispose] };
}

const refusal = (file: string, hands: Hands) => thrownBy(() => refuseForeign(file, "SCENARIO_INVALID", hands));

test("a file of ours, below a folder like /tmp, is taken", () => {
  using at = made();
  for (const hands of [USER, ROOT, ourHands()]) refuseForeign(at.file, "SCENARIO_INVALID", hands);
  chmodSync(at.folder, 0o1777);
  for (const hands of [USER, ROOT]) refuseForeign(at.file, "SCENARIO_INVALID", hands);
});

test.each(["file", "folder"] as const)("a %s that everybody may write is refused, with what to do", (which) => {
  using at = made();
  chmodSync(at[which], 0o777);
  for (const hands of [USER, ROOT]) {
    expect(refusal(at.file, hands)).toMatchObject({
      code: "SCENARIO_INVALID",
      message: `${at.file}: not read: ${at[which]} can be written by everybody`,
      advice: expect.stringContaining(`chmod o-w "${at[which]}"`),
    });
  }
});

test("a link is followed, and the folder that it lies in is looked at too", () => {
  using at = made();
  symlinkSync(at.folder, at.link);
  refuseForeign(`${at.link}/own.ts`, "SCENARIO_INVALID", USER);
  chmodSync(at.file, 0o666);
  expect(refusal(`${at.link}/own.ts`, USER).message).toContain(`${at.file} can be written`);
  chmodSync(at.file, 0o644);
  mkdirSync(`${at.folder}/open`);
  symlinkSync(at.file, `${at.folder}/open/own.ts`);
  chmodSync(`${at.folder}/open`, 0o777);
  expect(refusal(`${at.folder}/open/own.ts`, USER).message).toContain("/open can be written");
});

testAsRoot.each(["file", "folder"] as const)(
  `a %s of another user is refused, whatever its mode; of one of ours not${WITHOUT_ROOT}`,
  (which) => {
    using at = made();
    chownSync(at[which], STRANGER, STRANGER);
    chmodSync(at.folder, 0o1755);
    const expected = `${at.file}: not read: ${at[which]} belongs to another user (uid ${STRANGER})`;
    for (const hands of [USER, ROOT]) expect(refusal(at.file, hands).message).toBe(expected);
    refuseForeign(at.file, "SCENARIO_INVALID", { root: false, owners: [0, STRANGER] });
  },
);

testAsRoot(`a group that may write is colleagues to a user, and strangers to root${WITHOUT_ROOT}`, () => {
  using at = made();
  chownSync(at.folder, 0, STRANGER);
  chmodSync(at.folder, 0o775);
  refuseForeign(at.file, "SCENARIO_INVALID", USER);
  expect(refusal(at.file, ROOT).message).toBe(
    `${at.file}: not read: ${at.folder} can be written by a group (gid ${STRANGER}), and this is root`,
  );
});

testAsRoot(`who called sudo is one of us; a name in its place is nobody${WITHOUT_ROOT}`, () => {
  const before = process.env["SUDO_UID"];
  try {
    process.env["SUDO_UID"] = `${STRANGER}`;
    expect(ourHands()?.owners).toContain(STRANGER);
    process.env["SUDO_UID"] = "eve";
    expect(ourHands()?.owners.every(Number.isInteger)).toBe(true);
  } finally {
    if (before === undefined) delete process.env["SUDO_UID"];
    else process.env["SUDO_UID"] = before;
  }
});

test("what is not there is for whoever reads it to tell", () => {
  using at = made();
  refuseForeign(`${at.folder}/none`, "RIG_INVALID", ROOT);
});
