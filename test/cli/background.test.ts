import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { resolve } from "node:path";
import { ReadStream } from "node:tty";
import { expect, test } from "@jest/globals";
import { SystemClock } from "../../harness/base/time.js";
import { openPty } from "../../harness/native/pty.js";
import { makePipe } from "../support/pipe.js";
import { scratch } from "../support/scratch.js";

const PROGRAM = resolve("dist/harness/cli/main.js");
const clock = new SystemClock();

/** A shell with job control on a terminal of its own, which runs `script`. It is ended by its id, with its jobs. */
class Shell implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #terminal: ReadStream;
  readonly #master: number;
  /** Kept open: else the master sees an end before the shell has opened it. */
  readonly #slave: number;
  readonly #ended: Promise<unknown>;
  shown = "";

  constructor(script: string) {
    const { master, slave, path } = openPty();
    this.#master = master;
    this.#slave = slave;
    // Without a terminal so far (detached: a session of its own), the first that it opens becomes its controlling one.
    const text = `exec <>${path} >&0 2>&1; set -m; ${script}`;
    this.#child = spawn("bash", ["-c", text], { detached: true, stdio: "ignore" });
    this.#ended = new Promise((done) => this.#child.on("close", done));
    this.#terminal = new ReadStream(master);
    this.#terminal.setEncoding("utf8").on("error", () => undefined);
    this.#terminal.on("data", (text) => {
      this.shown += String(text);
    });
  }

  type(text: string): void {
    writeSync(this.#master, text);
  }

  async until<T>(there: () => T | Promise<T>): Promise<T> {
    for (const end = clock.now() + 20_000; clock.now() < end; await clock.sleep(20)) {
      const found = await there();
      if (found) return found;
    }
    throw new Error(`not in time: ${this.shown}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
    this.#terminal.destroy();
    closeSync(this.#slave);
  }
}

/** Sends one order to the control socket; `undefined`: nobody answers. */
const order = (path: string, text: string): Promise<string | undefined> =>
  new Promise((done) => {
    const socket = connect(path, () => socket.write(`${text}\n`));
    socket.on("data", (answer) => {
      socket.destroy();
      done(String(answer).trim());
    });
    socket.on("error", () => done(undefined));
  });

const stateOf = (pid: number): string | undefined => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];

test("a simulator in the background of a terminal is not stopped, takes no key, and hears orders once it is in front", async () => {
  using folder = scratch();
  const go = makePipe(folder.file("go"));
  const files = `--link ${folder.file("port")} --control ${folder.file("lines")}`;
  const sim = `${process.execPath} ${PROGRAM} sim ${files} --start off`;
  await using shell = new Shell(`stty tostop; ${sim} & echo "pid $!"; read line <${go}; fg`);
  const pid = Number(await shell.until(() => /pid (\d+)/.exec(shell.shown)?.[1]));
  try {
    await shell.until(() => shell.shown.includes("/dev/pts/"));
    expect(shell.shown).toContain("in the background: standard input is read once this is in the foreground");
    shell.type("boot 1\n");
    await clock.sleep(300);
    expect(stateOf(pid)).not.toBe("T");
    expect(await order(folder.file("lines"), "?")).toBe("boot 0 en 0 power 1");
    writeFileSync(go, "now\n");
    await shell.until(async () => {
      shell.type("boot 1\n");
      return (await order(folder.file("lines"), "?")) === "boot 1 en 0 power 1";
    });
  } finally {
    process.kill(pid, "SIGTERM");
  }
  await shell.until(() => {
    try {
      return stateOf(pid) === "Z";
    } catch {
      return true;
    }
  });
});
