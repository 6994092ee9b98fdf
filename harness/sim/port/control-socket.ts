import { lstatSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { HarnessError } from "../../base/errors.js";
import { isOurs } from "../../base/trust.js";
import { orders } from "./control.js";

/**
 * A Unix socket at `path` that answers every line with what `obey` makes of it. A socket that nobody listens on any more
 * is replaced, but for another user's. Closing it removes it.
 *
 * @throws HarnessError FILE_UNWRITABLE when somebody listens there, it is no socket or another's, or it cannot be made.
 */
export async function openControl(path: string, obey: (order: string) => string): Promise<AsyncDisposable> {
  await makeWay(path);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    serve(client, obey);
    client.on("close", () => clients.delete(client));
  });
  await listening(server, path);
  return {
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Who does not read the answers is not heard any further. */
function serve(client: Socket, obey: (order: string) => string): void {
  const hear = orders((order) => {
    if (!client.write(`${obey(order)}\n`)) client.pause();
  });
  client.setEncoding("utf8").on("data", hear);
  client.on("drain", () => client.resume());
  client.on("error", () => client.destroy());
}

async function makeWay(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw unusable(path, "expected a socket or nothing, found something else");
  if (!isOurs(found.uid)) throw unusable(path, `the socket there belongs to another user (uid ${found.uid})`);
  if (await answers(path)) throw unusable(path, "another simulated module listens there");
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

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(unusable(path, cause.message, cause)));
    server.listen(path, resolve);
  });

const unusable = (path: string, why: string, cause?: unknown): HarnessError =>
  new HarnessError("FILE_UNWRITABLE", `${path}: the control socket cannot be made: ${why}`, {
    cause,
    advice:
      "End what uses it, or give --control another path, shorter than 108 bytes, in a folder that may be written.",
  });
