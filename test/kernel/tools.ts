import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { HarnessError } from "../../harness/base/errors.js";
import { run } from "./shell.js";

/** What the machine itself must have, and the Debian package that brings it. */
const TOOLS = {
  "qemu-system-x86_64": "qemu-system-x86",
  cpio: "cpio",
  busybox: "busybox-static",
  "dpkg-deb": "dpkg",
  xz: "xz-utils",
} as const;

export const QEMU = "qemu-system-x86_64";

/** Folders of programs that a user's PATH may leave out. */
const MORE_FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

function found(program: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...MORE_FOLDERS];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** Where a program is. @throws HarnessError DRIVER_MISSING when it is nowhere. */
export function pathOf(program: string): string {
  const path = found(program);
  if (path !== undefined) return path;
  throw new HarnessError("DRIVER_MISSING", `${program}: expected on this machine, found nowhere in PATH`);
}

/**
 * Sees to it that every tool is there: installs what is missing where we may.
 *
 * @throws HarnessError DRIVER_MISSING with the command to type, for whoever is not root.
 */
export async function needTools(): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new HarnessError("DRIVER_MISSING", `expected Linux on x64, found ${process.platform} on ${process.arch}`, {
      advice: "The machine under test runs this machine's own node: use a PC with Debian.",
    });
  }
  const missing = Object.entries(TOOLS).flatMap(([program, name]) => (found(program) === undefined ? [name] : []));
  if (missing.length === 0) return;
  const wanted = ["install", "-y", "--no-install-recommends", ...missing];
  if (process.getuid?.() !== 0) {
    throw new HarnessError("DRIVER_MISSING", `missing on this machine: ${missing.join(", ")}`, {
      advice: `As root: apt-get ${wanted.join(" ")}`,
    });
  }
  console.log(`installing ${missing.join(", ")}`);
  await run("apt-get", ["-q", "update"]);
  await run("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...wanted]);
}
