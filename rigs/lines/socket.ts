import { createConnection, type Socket } from "node:net";
import { HarnessError } from "../../harness/base/errors.js";
import type { Deadline } from "../../harness/base/time.js";
import type { Line, Straps } from "../../harness/base/wire.js";
import { messageOf } from "../serial/port-trouble.js";

/** The lines as the simulated module's control socket calls them. */
const WORDS: Record<Line, string> = { boot: "boot", chipEn: "en", power: "power" };
/** A line is set at once, or whoever should set it has stopped. */
const ANSWER_MS = 2000;
/** No answer is longer. */
const LONGEST = 1000;

/**
 * Connects to the control socket of a simulated module in another process. It drives the lines and holds them: closing
 * the connection moves none.
 *
 * @throws HarnessError LINES_NOT_DRIVEN when nobody listens there; the deadline's error.
 */
export async function openSocketStraps(path: string, deadline: Deadline): Promise<Straps> {
  const socket = createConnection(path);
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", (cause) => reject(gone(path, messageOf(cause), cause)));
  });
  try {
    await deadline.within(ANSWER_MS, `${path}: connecting`, "LINES_NOT_DRIVEN").race(connected);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new SocketStraps(socket, path);
}

interface Question {
  answer(text: string): void;
  fail(error: HarnessError): void;
}

class SocketStraps implements Straps {
  readonly #socket: Socket;
  readonly #path: string;
  /** In the order of their answers, those included for which nobody waits any more. */
  readonly #questions: Question[] = [];
  #gone: HarnessError | undefined;
  #held = "";

  constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#path = path;
    socket.setEncoding("utf8").on("data", (text) => this.#hear(String(text)));
    socket.on("error", (cause) => this.#end(gone(path, messageOf(cause), cause)));
    socket.on("close", () => this.#end(gone(path, "the connection was closed")));
  }

  /** @throws HarnessError LINES_NOT_DRIVEN when the module does not do it, or is gone; the deadline's error. */
  async set(line: Line, asserted: boolean, deadline: Deadline): Promise<void> {
    const order = `${WORDS[line]} ${asserted ? 1 : 0}`;
    const answer = await deadline
      .within(ANSWER_MS, `${this.#path}: ${order}`, "LINES_NOT_DRIVEN")
      .race(this.#ask(order));
    if (answer !== "ok") {
      throw new HarnessError("LINES_NOT_DRIVEN", `${this.#path}: ${order}: expected ok, got ${JSON.stringify(answer)}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  #ask(order: string): Promise<string> {
    return new Promise((answer, fail) => {
      if (this.#gone !== undefined) return fail(this.#gone);
      this.#questions.push({ answer, fail });
      this.#socket.write(`${order}\n`);
    });
  }

  #hear(text: string): void {
    const answers = (this.#held + text).split("\n");
    this.#held = answers.pop() ?? "";
    for (const answer of answers) this.#questions.shift()?.answer(answer);
    if (this.#held.length > LONGEST) this.#socket.destroy();
  }

  #end(error: HarnessError): void {
    this.#gone ??= error;
    for (const question of this.#questions.splice(0)) question.fail(this.#gone);
  }
}

const gone = (path: string, why: string, cause?: unknown): HarnessError =>
  new HarnessError("LINES_NOT_DRIVEN", `${path}: nobody drives the lines there: ${why}`, {
    cause,
    advice: "Start `st67-hil sim` with this path as --control, or correct straps.path in the rig file.",
  });
