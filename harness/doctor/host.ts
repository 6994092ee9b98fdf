import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { told } from "../base/files.js";

/** As many as Linux follows. */
const LINKS_MAX = 40;

/**
 * What a machine tells in its files: below `/`, or below a folder that holds a copy of another machine's. Absolute links
 * stay below that folder. On this machine a relative path begins in the current folder.
 * What is not there, or may not be read, is `undefined` or empty: things come and go.
 */
export class Host {
  readonly root: string;

  constructor(root = "/") {
    this.root = root;
  }

  /** Whether it is the machine that we run on. */
  get isThis(): boolean {
    return this.root === "/";
  }

  /** A file's text without what stands around it: a device tree ends its texts with a zero, sysfs with a new line. */
  text(path: string): string | undefined {
    return this.#told(path, (file) => readFileSync(file, "utf8").replace(/\0+$/, "").trim());
  }

  bytes(path: string): Buffer | undefined {
    return this.#told(path, (file) => readFileSync(file));
  }

  /** A file that holds one number. */
  number(path: string): number | undefined {
    const text = this.text(path);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  }

  names(path: string): string[] {
    return this.#told(path, (folder) => readdirSync(folder).sort()) ?? [];
  }

  exists(path: string): boolean {
    return this.#told(path, existsSync) ?? false;
  }

  /** Whether this user may read and write it. */
  mayUse(path: string): boolean {
    const mode = constants.R_OK | constants.W_OK;
    return this.#told(path, (file) => accessSync(file, mode) === undefined) ?? false;
  }

  mayWrite(path: string): boolean {
    return this.#told(path, (file) => accessSync(file, constants.W_OK) === undefined) ?? false;
  }

  /** Id of the group that owns it. */
  gid(path: string): number | undefined {
    return this.#told(path, (file) => statSync(file).gid);
  }

  /** What a link says, unfollowed: of a process's files it is no path at times. */
  link(path: string): string | undefined {
    return told(() => readlinkSync(join(this.root, path)));
  }

  /** The path behind all links, seen from the root folder. */
  real(path: string): string | undefined {
    const left = steps(this.#whole(path));
    let links = 0;
    let done = "/";
    for (let step = left.shift(); step !== undefined; step = left.shift()) {
      const next = step === ".." ? dirname(done) : join(done, step);
      const stat = told(() => lstatSync(join(this.root, next)));
      if (stat === undefined) return undefined;
      const target = stat.isSymbolicLink() ? this.link(next) : undefined;
      if (target === undefined) {
        done = next;
        continue;
      }
      links += 1;
      if (links > LINKS_MAX) return undefined;
      if (target.startsWith("/")) done = "/";
      left.unshift(...steps(target));
    }
    return done;
  }

  /** Not by `resolve`, which takes `..` for the folder above a link, and not above where it leads. */
  #whole(path: string): string {
    return this.isThis && !isAbsolute(path) ? `${process.cwd()}/${path}` : path;
  }

  #told<T>(path: string, ask: (file: string) => T): T | undefined {
    // The kernel follows links by itself; only below another root would it leave that.
    const real = this.isThis ? this.#whole(path) : this.real(path);
    return real === undefined ? undefined : told(() => ask(this.isThis ? real : join(this.root, real)));
  }
}

const steps = (path: string): string[] => path.split("/").filter((step) => step !== "" && step !== ".");
