import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { type Entry, serve } from "./fuse.js";
import { FakeKernel, type Plan } from "./kernel.js";

/**
 * Within a mount namespace of its own: puts a fake kernel's files at /sys/class/gpio, starts the bench, and serves the
 * files until the bench has ended. A plan that is written to the file `plan` begins with a new kernel. Arguments: the
 * bench's command.
 */
const FOLDER = "/sys/class/gpio";
const MOUNT = "mount";

function mount(...args: string[]): void {
  const { status, stderr, error } = spawnSync(MOUNT, args, { stdio: ["ignore", "ignore", "pipe", fuse] });
  if (status !== 0) throw new Error(`mount ${args.join(" ")}: ${error ?? stderr}`);
}

let kernel = new FakeKernel({ chips: [] });
const plan: Entry = {
  write: (text) => {
    kernel.end();
    kernel = new FakeKernel(JSON.parse(text) as Plan);
    return 0;
  },
};

const fuse = openSync("/dev/fuse", "r+");
mount("-t", "tmpfs", "fake", "/sys/class");
mkdirSync(FOLDER);
mount("-i", "-t", "fuse", "-o", "fd=3,rootmode=40000,user_id=0,group_id=0", "fake", FOLDER);
spawn("sh", ["-c", '"$@"; umount "$0"', FOLDER, ...process.argv.slice(2)], { stdio: "inherit" });
serve(fuse, { entries: () => new Map([...kernel.entries(), ["plan", plan]]) });
