import { expect, test } from "@jest/globals";
import { Deadline, SystemClock } from "../../../harness/base/time.js";
import { openSocketStraps } from "../../../rigs/lines/socket.js";
import { lineServer } from "../../support/line-server.js";
import { scratch } from "../../support/scratch.js";

const soon = (ms = 60_000) => Deadline.in(ms, "the test", new SystemClock());

test("every line is set, and waited for", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using far = await lineServer(path, () => "ok\n");
  await using straps = await openSocketStraps(path, soon());
  await straps.set("boot", true, soon());
  await straps.set("chipEn", false, soon());
  await straps.set("power", true, soon());
  expect(far.told).toEqual(["boot 1", "en 0", "power 1"]);
});

test("closing moves no line", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using far = await lineServer(path, () => "ok\n");
  const straps = await openSocketStraps(path, soon());
  await straps[Symbol.asyncDispose]();
  await expect(straps.set("boot", true, soon())).rejects.toMatchObject({ code: "LINES_NOT_DRIVEN" });
  expect(far.told).toEqual([]);
});

test("no ok: an error that names the socket, the order and what came", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using _ = await lineServer(path, () => "error no such line\n");
  await using straps = await openSocketStraps(path, soon());
  await expect(straps.set("boot", true, soon())).rejects.toMatchObject({
    code: "LINES_NOT_DRIVEN",
    message: `${path}: boot 1: expected ok, got "error no such line"`,
  });
});

test("an answer that comes too late is not the next one's", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using far = await lineServer(path, (order) => (order === "boot 1" ? undefined : "error late\nok\n"));
  await using straps = await openSocketStraps(path, soon());
  await expect(straps.set("boot", true, soon(50))).rejects.toMatchObject({ code: "COMMAND_TIMEOUT" });
  await straps.set("boot", false, soon());
  expect(far.told).toEqual(["boot 1", "boot 0"]);
});

test("the far side goes: who waits is told, and who comes later too", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using far = await lineServer(path, () => undefined);
  await using straps = await openSocketStraps(path, soon());
  const waiting = straps.set("boot", true, soon());
  waiting.catch(() => undefined);
  while (far.told.length === 0) await new SystemClock().sleep(1);
  far.clients[0]?.destroy();
  const error = { code: "LINES_NOT_DRIVEN", blame: "rig", message: expect.stringContaining(path) };
  await expect(waiting).rejects.toMatchObject(error);
  await expect(straps.set("boot", true, soon())).rejects.toMatchObject(error);
});

test("a far side that talks without end is cut off", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using _ = await lineServer(path, () => "o".repeat(100_000));
  await using straps = await openSocketStraps(path, soon());
  await expect(straps.set("boot", true, soon())).rejects.toMatchObject({ code: "LINES_NOT_DRIVEN" });
});

test("nobody listens: a rig error that names the path", async () => {
  using folder = scratch();
  await expect(openSocketStraps(folder.file("lines"), soon())).rejects.toMatchObject({
    code: "LINES_NOT_DRIVEN",
    blame: "rig",
    message: expect.stringContaining(folder.file("lines")),
  });
});
