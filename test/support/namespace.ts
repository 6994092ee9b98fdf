import { spawnSync } from "node:child_process";

/** Of util-linux: runs a command within namespaces of its own. */
export const UNSHARE = "unshare";

/** The options that let `command` of sh have mounts of its own here: as root, as any user, or not at all. */
export const namespaceFor = (command: string): string | undefined =>
  ["-m", "-rm"].find((flags) => spawnSync(UNSHARE, [flags, "sh", "-c", command]).status === 0);

const namespace = namespaceFor("mount -t tmpfs small /mnt");

/** Why there are no small disks here; `undefined`: there are. */
export const NO_SMALL_DISK = namespace === undefined ? "needs root or user namespaces" : undefined;

interface Played {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `script` of sh with a disk of `size` at the folder `disk`, which nobody else sees. `$0` is the disk, `$@` are `args`. */
export function onSmallDisk(size: string, disk: string, script: string, args: readonly string[]): Played {
  const command = `mount -t tmpfs -o size=${size} small "$0" || exit 99\n${script}`;
  const all = [namespace ?? "", "sh", "-c", command, disk, ...args];
  const { status, stdout, stderr } = spawnSync(UNSHARE, all, { encoding: "utf8" });
  return { code: status, stdout, stderr };
}
