import { createServer, type Socket } from "node:net";

/**
 * The far side of a socket of lines: greets, writes down what it is told, and answers as `answer` says; `undefined`: not at all.
 */
export async function lineServer(path: string, answer: (order: string) => string | undefined, greeting = "") {
  const told: string[] = [];
  const clients: Socket[] = [];
  const server = createServer((client) => {
    let held = "";
    clients.push(client);
    client.write(greeting);
    client.setEncoding("utf8").on("data", (text) => {
      const lines = (held + String(text)).split("\n");
      held = lines.pop() ?? "";
      for (const order of lines) {
        told.push(order);
        const said = answer(order);
        if (said !== undefined) client.write(said);
      }
    });
    client.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    told,
    clients,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
