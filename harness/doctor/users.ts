import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { told } from "../base/files.js";

/** By its whole path: root looks for no program where others may have put one. It also knows users of a directory service. */
const ID = "/usr/bin/id";

/** What systemd takes for a user; of anything else it drops the line, and the service runs as root. */
const NAME = /^([A-Za-z_][A-Za-z0-9_.@-]*\$?|0|[1-9]\d*)$/;

/** Whether this machine knows a user of this name or number. */
export function isUser(name: string): boolean {
  if (!NAME.test(name)) return false;
  const known = rowsOf("/etc/passwd").some(([user, , uid]) => user === name || uid === name);
  return known || spawnSync(ID, ["-u", "--", name], { stdio: "ignore" }).status === 0;
}

export const isGroup = (name: string): boolean => rowsOf("/etc/group").some(([group]) => group === name);

const rowsOf = (file: string): string[][] =>
  (told(() => readFileSync(file, "utf8")) ?? "").split("\n").map((line) => line.split(":"));
