import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { basename } from "node:path";
import { SystemClock } from "../../harness/base/time.js";
import { imageName, iniName } from "../../harness/firmware/names.js";
import { scratch } from "./scratch.js";
import { SimProcess } from "./sim.js";

const clock = new SystemClock();
export const SAFE = "boot 0 en 0 power 1";
/** A scenario's body, or its begin: the module is in its boot ROM, and `isHeld` says so. */
export const HELD = 'await enterRom(); attach("held.txt", "");';
export const STRAPPED = "boot 1 en 1 power 1";

/** A simulated module in a process of its own, and a rig file with a name of its own for it. */
export async function socketRig(more: readonly string[] = ["--start", "off"]) {
  const folder = scratch();
  const name = `socket-rig-${basename(folder.path)}`;
  const sim = await SimProcess.start(folder, more);
  const rigFile = (rig: { name?: string; straps?: string } = {}) => {
    const file = folder.file(`${rig.name ?? name}.yaml`);
    const straps = rig.straps ?? `{ driver: socket, path: ${folder.file("lines")} }`;
    writeFileSync(file, `name: ${rig.name ?? name}\nstraps: ${straps}\nserial: { path: ${folder.file("port")} }\n`);
    return file;
  };
  return {
    folder,
    name,
    rigFile,
    rig: rigFile(),
    levels: () => levelsAt(folder.file("lines")),
    /** Milliseconds until the lines were at `levels`; gives up, with what they are, after `ms`. */
    reach: async (levels: string, ms: number): Promise<number> => {
      const began = clock.now();
      for (;;) {
        const found = await levelsAt(folder.file("lines"));
        const took = clock.now() - began;
        if (found === levels) return took;
        if (took > ms) throw new Error(`expected ${levels} within ${ms} ms, found ${found}`);
        await clock.sleep(5);
      }
    },
    /** Bytes that take a second or so to flash, and the command for it. */
    flashing: (bytes: number, address = "0x378000") => {
      const data = Uint8Array.from({ length: bytes }, (_, index) => (index * 7) % 251);
      writeFileSync(folder.file(`data-${address}`), data);
      return {
        data,
        args: ["flash", "--file", folder.file(`data-${address}`), "--address", address, "--leave", "off"],
      };
    },
    /** The command for a run of one scenario, whose body has a bench's `enterRom` and the like. */
    running: (body: string, out = folder.file("run")) => {
      const taken = "{ enterRom, openSession, attach, deadline }";
      const text = `import { existsSync } from "node:fs";
        import { scenario } from "st67-hil";
        export default scenario({ name: "own", async run(${taken}) { ${body} } });`;
      writeFileSync(folder.file("own.ts"), text);
      mkdirSync(folder.file("firmware"), { recursive: true });
      // Never read: a run on a rig with a port wants a package, and this scenario asks it for nothing.
      for (const name of [iniName("t01"), imageName("t01", "2.0.106")])
        writeFileSync(folder.file(`firmware/${name}`), "");
      const files = ["--scenarios", folder.file("own.ts"), "--firmware", folder.file("firmware")];
      return ["run", ...files, "--out", out];
    },
    isHeld: () => existsSync(folder.file("run/cases/own/held.txt")),
    async [Symbol.asyncDispose]() {
      await sim[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const levelsAt = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write("?\n"));
    socket.on("data", (answer) => {
      socket.destroy();
      resolve(String(answer).trim());
    });
    socket.on("error", reject);
  });

/** The watchdogs of a rig that are alive: its name is among their arguments, or that of its file. */
function watchdogsOf(rig: string): number[] {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).filter((pid) => {
    try {
      const [, program = "", name = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return program.endsWith("watchdog-process.js") && basename(name, ".yaml") === rig;
    } catch {
      return false;
    }
  });
}

/** Until none of them is left: by themselves they end in 6 s at most, on a machine with time for them. */
export async function watchdogsGone(rig: string, ms = 20_000): Promise<void> {
  for (const end = clock.now() + ms; watchdogsOf(rig).length > 0; await clock.sleep(10))
    if (clock.now() > end) throw new Error(`a watchdog of ${rig} is left over`);
}

/** A control socket without a module: it writes down what is ordered, and answers ok, or nothing. */
export async function controlRecorder(path: string, answers = true) {
  const orders: string[] = [];
  const server = createServer((client) => {
    client.on("error", () => undefined);
    client.on("data", (text) => {
      for (const order of String(text).trim().split("\n")) {
        orders.push(order);
        if (answers) client.write("ok\n");
      }
    });
  });
  await new Promise<void>((done) => server.listen(path, done));
  return { orders, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
}

/** A control socket in front of another one, which writes down when somebody was connected and what was ordered. */
export async function controlTap(path: string, target: string) {
  const visits: { from: number; to: number; orders: string[] }[] = [];
  const server = createServer((client) => {
    const visit = { from: clock.now(), to: Number.POSITIVE_INFINITY, orders: [] as string[] };
    visits.push(visit);
    const module = connect(target);
    client.on("data", (text) => visit.orders.push(...String(text).trim().split("\n")));
    client.pipe(module).pipe(client);
    client
      .on("error", () => undefined)
      .on("close", () => {
        visit.to = clock.now();
        module.destroy();
      });
    module.on("error", () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(path, done));
  return { visits, [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())) };
}
