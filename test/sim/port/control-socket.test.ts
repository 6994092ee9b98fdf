import { existsSync, linkSync, lstatSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { openControl } from "../../../harness/sim/port/control-socket.js";
import { scratch } from "../../support/scratch.js";

const echo = (order: string): string => `got ${order}`;

/** Sends `text` and returns what was answered once `lines` lines had come, or the connection was closed. */
function ask(path: string, text: string, lines: number): Promise<string> {
  const socket: Socket = createConnection(path);
  let heard = "";
  return new Promise((resolve, reject) => {
    socket.setEncoding("utf8").on("data", (piece) => {
      heard += String(piece);
      if (heard.split("\n").length > lines) socket.destroy();
    });
    socket.on("error", reject).on("close", () => resolve(heard));
    socket.write(text);
  });
}

test("each line is answered, to whoever sent it", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using _ = await openControl(path, echo);
  const answers = await Promise.all([ask(path, "a\nb\n", 2), ask(path, "c\n", 1)]);
  expect(answers).toEqual(["got a\ngot b\n", "got c\n"]);
});

test("a client who sends without end and reads nothing holds nobody up", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  await using _ = await openControl(path, echo);
  const flood = createConnection(path);
  flood.on("error", () => undefined).pause();
  flood.write("x\n".repeat(1_000_000));
  expect(await ask(path, "still there\n", 1)).toBe("got still there\n");
  flood.destroy();
});

test("closing ends the connections and removes the socket", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  const control = await openControl(path, echo);
  const hanging = ask(path, "", 1);
  await ask(path, "a\n", 1);
  await control[Symbol.asyncDispose]();
  expect(await hanging).toBe("");
  expect(existsSync(path)).toBe(false);
});

test("a socket that is in use is refused; one that nobody listens on is replaced", async () => {
  using folder = scratch();
  const path = folder.file("lines");
  const stale = folder.file("stale");
  const first = await openControl(path, echo);
  await expect(openControl(path, echo)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  expect(await ask(path, "a\n", 1)).toBe("got a\n");
  linkSync(path, stale);
  await first[Symbol.asyncDispose]();
  expect(lstatSync(stale).isSocket()).toBe(true);
  await using _ = await openControl(stale, echo);
  expect(await ask(stale, "b\n", 1)).toBe("got b\n");
});

test("a file is not replaced; a folder that is not there is told", async () => {
  using folder = scratch();
  writeFileSync(folder.file("notes"), "keep me");
  await expect(openControl(folder.file("notes"), echo)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
  expect(lstatSync(folder.file("notes")).size).toBe(7);
  await expect(openControl(folder.file("no/lines"), echo)).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
});
