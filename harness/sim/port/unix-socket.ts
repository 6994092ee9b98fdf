import { lstatSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { HarnessError } from "../../base/errors.js";
import { isOurs } from "../../base/trust.js";

/** A socket that a person asked for. */
export interface Asked {
  readonly path: string;
  /** The option that names it. */
  readonly option: string;
  /** What it is, in messages. */
  readonly what: string;
}

/**
 * A Unix socket whose clients are served until it is closed, which removes it. One that nobody listens on any more is
 * replaced, but for another user's.
 *
 * @throws HarnessError FILE_UNWRITABLE when somebody listens there, it is no socket or another's, or it cannot be made.
 */
export async function listenAt(asked: Asked, serve: (client: Socket) => void): Promise<AsyncDisposable> {
  await makeWay(asked);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    serve(client);
    client.on("close", () => clients.delete(client));
  });
  await listening(server, asked);
  return {
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function makeWay(asked: Asked): Promise<void> {
  const { path } = asked;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(asked, "expected a socket or nothing, found something else");
  if (!isOurs(found.uid)) throw unusable(asked, `the socket there belongs to another user (uid ${found.uid})`);
  if (await answers(path)) throw unusable(asked, "another simulated module listens there");
  rmSync(path, { force: true });
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const caller = createConnection(path);
    const settle = (answered: boolean) => {
      caller.destroy();
      resolve(answered);
    };
    caller.on("connect", () => settle(true)).on("error", () => settle(false));
  });

const listening = (server: Server, asked: Asked): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(unusable(asked, cause.message, cause)));
    server.listen(asked.path, resolve);
  });

const unusable = ({ path, option, what }: Asked, why: string, cause?: unknown): HarnessError =>
  new HarnessError("FILE_UNWRITABLE", `${path}: ${what} cannot be made: ${why}`, {
    cause,
    advice: `End what uses it, or give ${option} another path, shorter than 108 bytes, in a folder that may be written.`,
  });
