import { HarnessError } from "../base/errors.js";
import type { Deadline } from "../base/time.js";
import { Received } from "./received.js";
import type { Transport } from "./transport.js";
import { isEvent } from "./unasked.js";

const MOST_EVENTS = 100;
/** Lines of one answer and events within it; `AT+CWLAP` in a crowded house has some hundred. */
const MOST_LINES = 4096;
/** Before a command so many frames are read at once; what a module says beyond them is read with the answer. */
const MOST_LATE_FRAMES = 64;
/** After a command that was not answered, `AT` has so long for an OK, */
const RESYNC_MS = 2000;
/** and a late answer of the other one comes no later behind it than this. */
const QUIET_MS = 100;

/** Their OK announces a restart, and with it `ready`. */
const RESTARTS = /^AT\+(RST|OTAFIN)\b/i;

const isEnd = (line: string): boolean => line === "OK" || /^ERROR\b/.test(line);

/** Who is told of what the module says unasked. */
export interface AtObserver {
  event?(line: string): void;
}

/** Lines to and from the module, in turn: whose answer a line is, and what nobody asked for. One caller at a time. */
export class Conversation {
  readonly events: string[] = [];
  readonly #transport: Transport;
  readonly #observer: AtObserver;
  readonly #received: Received;
  #command = "";
  /** The last command has not been answered to its end: what comes next may be a part of that. */
  #owed = false;
  /** A firmware is known to have started, and nothing since has told it to start anew. */
  #isUp = false;

  constructor(transport: Transport, observer: AtObserver) {
    this.#transport = transport;
    this.#observer = observer;
    this.#received = new Received(transport.name);
  }

  /** A firmware has just started: nothing that came before counts. */
  startAnew(): void {
    this.#received.drop();
    this.#owed = false;
    this.#isUp = true;
  }

  /** Sends a command. @returns the lines that came before it could be heard: no answer of it. */
  async say(text: string, deadline: Deadline): Promise<string[]> {
    this.#command = text;
    const late = await this.#drain(deadline);
    if (this.#owed) late.push(...(await this.#resync(deadline)));
    this.#owed = true;
    await this.hand(Buffer.from(`${text}\r\n`, "latin1"), deadline);
    late.push(...this.#lateLines());
    return late;
  }

  async hand(bytes: Uint8Array, deadline: Deadline): Promise<void> {
    await this.#transport.send(bytes, deadline, (payload) => this.#received.push(payload));
  }

  /** The lines up to OK. */
  async answer(deadline: Deadline): Promise<string[]> {
    const lines: string[] = [];
    try {
      for (;;) {
        const line = await this.#line(deadline);
        const isEcho = lines.length === 0 && line === this.#command;
        if (line === "OK") break;
        if (/^busy\b/.test(line)) throw this.#refused("is still at an earlier command", line, lines);
        if (isEnd(line)) {
          this.#owed = false;
          throw this.#refused("answers", line, lines);
        }
        if (!isEcho) lines.push(line);
        if (lines.length > MOST_LINES) throw this.#endless();
      }
    } catch (error) {
      throw this.#told(error, lines);
    }
    this.#owed = false;
    this.#isUp = !RESTARTS.test(this.#command);
    return lines;
  }

  /** Until the module asks for data by `>`; what it says instead is an error. */
  async prompt(deadline: Deadline): Promise<void> {
    for (let tries = 0; tries < MOST_LINES; tries++) {
      if (this.#received.prompt()) return;
      const line = this.#next();
      if (line === undefined) await this.#hear(deadline);
      else if (!isIdle(line)) throw this.#refused("is asked for > and says", line, []);
    }
    throw this.#endless();
  }

  /** What the module says of data that was handed to it. */
  async told(deadline: Deadline): Promise<string> {
    for (let lines = 0; lines < MOST_LINES; lines++) {
      const line = await this.#line(deadline);
      if (isIdle(line)) continue;
      this.#owed = false;
      return line;
    }
    throw this.#endless();
  }

  /** The next line that is no event. */
  async #line(deadline: Deadline): Promise<string> {
    for (let frames = 0; frames < MOST_LINES; ) {
      const line = this.#next();
      if (line !== undefined) return line;
      await this.#hear(deadline);
      frames++;
    }
    throw this.#endless();
  }

  /** As `#line`, of what has come by now. */
  #next(): string | undefined {
    for (;;) {
      const line = this.#received.line();
      if (line === undefined || !isEvent(line, this.#command)) return line;
      this.#keep(line);
      if (line === "ready") throw this.#reset("in the middle of");
    }
  }

  async #hear(deadline: Deadline): Promise<void> {
    if (deadline.remainingMs <= 0) throw deadline.expired();
    this.#received.push(await this.#transport.receive(deadline));
  }

  async #drain(deadline: Deadline): Promise<string[]> {
    for (let frames = 0; frames < MOST_LATE_FRAMES; frames++) {
      const payload = await this.#transport.hear(0, deadline);
      if (payload === undefined) break;
      this.#received.push(payload);
    }
    return this.#lateLines();
  }

  /** All lines that have come, events kept. @throws HarnessError NCP_RESET. */
  #lateLines(): string[] {
    const lines: string[] = [];
    for (let line = this.#received.line(); line !== undefined; line = this.#received.line()) {
      if (!isEvent(line, "")) lines.push(line);
      else this.#keep(line);
      if (line === "ready" && this.#isUp) throw this.#reset("before");
    }
    return lines;
  }

  /** Asks `AT` until both answers must be in: its own, and a late one of the command before. */
  async #resync(deadline: Deadline): Promise<string[]> {
    this.#received.drop();
    await this.hand(Buffer.from("AT\r\n"), deadline);
    const within = deadline.within(RESYNC_MS, `${this.#transport.name}: AT after an unanswered command`, "AT_TIMEOUT");
    const late = this.#lateLines();
    for (let answered = late.some(isEnd), frames = 0; frames < MOST_LATE_FRAMES; frames++) {
      const payload = await this.#transport.hear(answered ? QUIET_MS : RESYNC_MS, within);
      if (payload === undefined && answered) break;
      if (payload === undefined) throw within.expired();
      this.#received.push(payload);
      const lines = this.#lateLines();
      answered ||= lines.some(isEnd);
      late.push(...lines);
    }
    return late;
  }

  #keep(event: string): void {
    this.events.push(event);
    if (this.events.length > MOST_EVENTS) this.events.shift();
    this.#observer.event?.(event);
  }

  #reset(when: string): HarnessError {
    this.startAnew();
    const told = `${this.#transport.name}: the firmware started anew ${when} ${this.#command}`;
    return new HarnessError("NCP_RESET", told, { details: { command: this.#command } });
  }

  #refused(how: string, line: string, lines: readonly string[]): HarnessError {
    const told = `${this.#transport.name}: ${this.#command}: the firmware ${how} ${JSON.stringify(line.slice(0, 200))}`;
    return new HarnessError("AT_ERROR", told, { details: { command: this.#command, answer: line, lines } });
  }

  #endless(): HarnessError {
    const told = `${this.#transport.name}: ${this.#command}: the firmware talks on without an end of the answer`;
    return new HarnessError("AT_MALFORMED", told, { details: { command: this.#command } });
  }

  /** A silence, with what had come before it. */
  #told(error: unknown, lines: readonly string[]): unknown {
    if (!(error instanceof HarnessError) || error.code !== "AT_TIMEOUT") return error;
    const rest = this.#received.rest;
    const so =
      lines.length === 0 && rest === "" ? "nothing came" : `so far ${JSON.stringify([...lines.slice(-3), rest])}`;
    const details = { command: this.#command, lines, rest };
    return new HarnessError("AT_TIMEOUT", `${error.message}: ${so}`, { cause: error, details });
  }
}

/** May come behind any data, and says no more than the line before it. */
const isIdle = (line: string): boolean => line === "SEND OK";
