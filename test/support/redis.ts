import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { scratch } from "./scratch.js";

const SERVER = "redis-server";
/** Of the path of a Unix socket. */
const MOST_BYTES = 107;
const works = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

/** Why there is no Redis here; `undefined`: there is. */
export const NO_REDIS = works(SERVER) ? undefined : `needs ${SERVER}`;

/** Of util-linux: a server does not outlive the process that runs the tests, however that ends. */
const LEASH = works("setpriv") ? ["setpriv", "--pdeathsig", "KILL"] : [];

export interface RedisServer extends AsyncDisposable {
  readonly socket: string;
  /** As `--redis` takes it. */
  readonly url: string;
  /** Of the server that was started last. */
  readonly pid: number;
  /** Waits for its end, if the signal is one that ends it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** After a `kill`: on the same folder and socket. */
  restart(): Promise<void>;
}

/** A Redis of the test's own, without a port; with `appendonly` what it holds outlives a kill. */
export async function redisServer({ appendonly = true } = {}): Promise<RedisServer> {
  const folder = scratch();
  const socket = folder.file("redis");
  const data = folder.file("data");
  let server: ChildProcess | undefined;
  let ended = Promise.resolve();
  const place = ["--port", "0", "--unixsocket", socket, "--dir", data];
  const kept = ["--save", "", "--appendonly", appendonly ? "yes" : "no", "--maxmemory-policy", "noeviction"];
  const start = async () => {
    const [command = SERVER, ...args] = [...LEASH, SERVER, ...place, ...kept];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    server = child;
    ended = new Promise((done) => child.on("close", () => done()).on("error", () => done()));
    let told = "";
    await new Promise<void>((ready, fail) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text) => {
          told += String(text);
          if (told.includes("eady to accept connections")) ready();
        });
      void ended.then(() => fail(new Error(`${SERVER} ended: ${told}`)));
    });
  };
  const dispose = async () => {
    server?.kill("SIGKILL");
    await ended;
    folder[Symbol.dispose]();
  };
  try {
    if (Buffer.byteLength(socket) > MOST_BYTES) throw new Error(`${socket}: longer than ${MOST_BYTES} bytes`);
    mkdirSync(data);
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    socket,
    url: `unix:${socket}`,
    get pid() {
      return server?.pid ?? 0;
    },
    async kill(signal) {
      server?.kill(signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await ended;
    },
    restart: start,
    [Symbol.asyncDispose]: dispose,
  };
}
