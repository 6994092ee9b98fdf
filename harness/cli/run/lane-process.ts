import { writeSync } from "node:fs";
import { Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { HarnessError } from "../../base/errors.js";
import { decodeOrder, encode, Lines, type Order, type Report } from "../../run/lanes/messages.js";
import type { Setup } from "./setup.js";

/** The pipes of a lane: see `LaneHost`. */
const [REPORTS, ORDERS, LIFELINE] = [3, 4, 5] as const;
const LINE_CHARS = 1024 * 1024;

/** What node keeps open by itself, and what is ours. */
const OWN = new Set([
  "PipeWrap",
  "TTYWrap",
  "MessagePort",
  "WORKER",
  "Immediate",
  "FSReqCallback",
  "FSReqPromise",
  "CloseReq",
  "SimpleShutdownWrap",
  "SimpleWriteWrap",
]);

let token = "";
let lane: import("../../run/lanes/lane.js").Lane | undefined;
let obeying: Promise<void> = Promise.resolve();
const prompts = new Map<number, (ok: boolean) => void>();
let prompted = 0;

/** Blocks until there is room: nothing piles up here, and what was told is told even if the process ends right after. */
function report(message: Report): void {
  const bytes = Buffer.from(encode(token, message));
  try {
    for (let at = 0; at < bytes.length; at += writeSync(REPORTS, bytes, at));
  } catch {
    // Nobody listens any more: the end of the orders says so, too.
  }
}

/** Asks the person at the dispatcher's terminal to do something, and to press Enter. */
function ask(prompt: string, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const id = prompted++;
    const abort = () => {
      prompts.delete(id);
      fail(signal.reason);
    };
    prompts.set(id, (ok) => {
      prompts.delete(id);
      signal.removeEventListener("abort", abort);
      if (ok) done();
      else fail(new HarnessError("ABORTED", `the input ended at the question: ${prompt.trim()}`));
    });
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    report({ type: "ask", id, prompt });
  });
}

function hear(order: Order): void {
  if (order.type === "ping") report({ type: "pong" });
  else if (order.type === "answer") prompts.get(order.id)?.(order.ok);
  else if (order.type === "stop") lane?.stop(order.reason);
  else
    obeying = obeying.then(async () => {
      await lane?.obey(order);
      if (order.type === "end") leave();
    });
}

/** The rig is let go. What scenarios left open would keep the process: it is told, and ends with it. */
function leave(): never {
  const left = process.getActiveResourcesInfo().filter((resource) => !OWN.has(resource));
  report({ type: "left", resources: [...new Set(left)].sort() });
  process.exit(0);
}

/** The dispatcher has gone: the rig becomes safe, and nobody needs this process. */
async function orphaned(): Promise<void> {
  const { faultOf } = await import("../../run/outcome.js");
  lane?.stop(faultOf(new HarnessError("ABORTED", "the dispatcher has gone")));
  await obeying;
  await lane?.end().catch(() => undefined);
  // With all that scenarios have started.
  process.kill(-process.pid, "SIGKILL");
}

async function begin(setup: Setup): Promise<void> {
  try {
    const { partsOf } = await import("./parts.js");
    const { Lane } = await import("../../run/lanes/lane.js");
    const { takeOutput } = await import("../../run/output.js");
    takeOutput((text) => writeSync(2, text));
    lane = new Lane(
      await partsOf(setup, { isTTY: setup.isTTY, ask, tell: (text) => report({ type: "tell", text }) }),
      report,
    );
  } catch (error) {
    const { faultOf } = await import("../../run/outcome.js");
    report({ type: "unfit", fault: faultOf(error) });
  }
}

// The operator's signals reach the dispatcher alone; a scenario that sends us one of these has its own way to end.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("exit", () => lane?.leaving());
process.setSourceMapsEnabled(true);
new Worker(new URL("./lane-lifeline.js", import.meta.url), { workerData: LIFELINE }).unref();

const lines = new Lines(LINE_CHARS);
const orders = new Socket({ fd: ORDERS, readable: true, writable: false });
orders.setEncoding("utf8").on("error", () => undefined);
orders.once("close", () => void orphaned());
orders.on("data", (text: string) => {
  for (const line of lines.add(text) ?? []) {
    if (token === "") {
      const first = JSON.parse(line) as { token: string; setup: Setup };
      token = first.token;
      obeying = begin(first.setup);
      continue;
    }
    const order = decodeOrder(token, line);
    // What a scenario did to this process must be such that it reads no order any more.
    if (order === undefined) process.exit(2);
    hear(order);
  }
});
