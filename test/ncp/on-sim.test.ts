import { expect, test } from "@jest/globals";
import { openAt } from "../../harness/ncp/at.js";
import { proveByAt } from "../../harness/ncp/prove.js";
import { proveUpdate } from "../../harness/ncp/prove-update.js";
import { update } from "../../harness/ncp/update.js";
import { readUpdate } from "../../harness/ncp/update-file.js";
import { startApplication } from "../../harness/session/boot.js";
import { simBench } from "../support/bench.js";
import { container } from "./containers.js";

/** The simulated module by its own hand, up to the rise of CHIP_EN. */
async function started(ncp: Readonly<Record<string, unknown>> = {}) {
  const { module, rig: bare, deadline, clock } = simBench({ ncp });
  const rig = { ...bare, spi: module.connectSpi(), ready: { read: async () => module.ready } };
  const at = await openAt(rig, deadline);
  const start = await startApplication(rig, deadline);
  const prove = () => proveByAt(at, start, rig.timing.bootMs, undefined, deadline);
  return { at, rig, prove, deadline, clock };
}

test.each([
  {},
  { echo: true },
  { answers: "one" },
  { blankLines: false },
  { stallFirst: 3 },
  { stallEvery: 2 },
  { imageBoard: true },
  { sendOk: false },
  { ready: "glitches" },
])("a module that is %j boots, is updated twice, and says so", async (ncp) => {
  const { at, prove, deadline } = await started(ncp);
  expect(await prove()).toMatchObject({ proven: true, identity: { version: "2.0.75", profile: "t01" } });
  for (const kind of ["raw", "xz"] as const) {
    const file = readUpdate(container({ kind, profile: kind === "xz" ? "t02" : "t01" }), "new.ota");
    const { before } = await update(at, file, deadline);
    expect(await proveUpdate(at, before, file, deadline)).toMatchObject({
      proven: true,
      identity: { version: "2.0.106", profile: file.profile },
      fw: { active: 1, age: kind === "raw" ? 1 : 3 },
    });
  }
});

test.each([
  [{ ready: "never" }, "BOOT_NOT_READY"],
  [{ ready: "stuck" }, "NCP_STUCK"],
  [{ transport: "factory" }, "NCP_OUTDATED"],
  [{ stallEvery: 1 }, "NCP_STALLED"],
])("a module that is %j: %s", async (ncp, code) => {
  await expect((await started(ncp)).prove()).rejects.toMatchObject({ code });
});

test("an update that takes no effect, and one that the receiver refuses", async () => {
  const file = readUpdate(container(), "new.ota");
  const idle = await started({ otaFlips: false });
  await idle.prove();
  const { before } = await update(idle.at, file, idle.deadline);
  await expect(proveUpdate(idle.at, before, file, idle.deadline)).rejects.toMatchObject({ code: "OTA_NOT_APPLIED" });
  const { at, prove, deadline } = await started();
  await prove();
  const damaged = { ...file, bytes: Uint8Array.from(file.bytes).fill(0, 0x40, 0x50) };
  await expect(update(at, damaged, deadline)).rejects.toMatchObject({ code: "OTA_REFUSED" });
  expect((await at.command("AT", deadline)).lines).toEqual([]);
});

test("reset from outside in the middle of an update: told by name, and the old firmware runs on", async () => {
  const { at, rig, prove, deadline, clock } = await started();
  await prove();
  const again = clock.sleep(100).then(() => startApplication(rig, deadline));
  await expect(update(at, readUpdate(container(), "new.ota"), deadline)).rejects.toMatchObject({ code: "NCP_RESET" });
  await again;
  expect((await at.command("AT+GMR", deadline)).lines).toContain("component_version_sdk_2.0.75");
});
