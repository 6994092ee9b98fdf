import type { Socket } from "node:net";
import { orders } from "./control.js";
import { listenAt } from "./unix-socket.js";

/**
 * A Unix socket at `path` that answers every line with what `obey` makes of it.
 *
 * @throws HarnessError FILE_UNWRITABLE as `listenAt`.
 */
export const openControl = (path: string, obey: (order: string) => string): Promise<AsyncDisposable> =>
  listenAt({ path, option: "--control", what: "the control socket" }, (client) => serve(client, obey));

/** Who does not read the answers is not heard any further. */
function serve(client: Socket, obey: (order: string) => string): void {
  const hear = orders((order) => {
    if (!client.write(`${obey(order)}\n`)) client.pause();
  });
  client.setEncoding("utf8").on("data", hear);
  client.on("drain", () => client.resume());
  client.on("error", () => client.destroy());
}
