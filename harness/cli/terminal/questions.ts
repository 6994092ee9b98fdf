import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { clean } from "../../base/clean.js";
import { HarnessError } from "../../base/errors.js";
import type { Ask, Question } from "../../doctor/new-rig.js";

/** Answers by option; what is not in there is asked for. */
export type Given = Readonly<Record<string, string | undefined>>;

/** Whoever is there to be asked. */
interface Person {
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

/**
 * Asks for what was not given, again until it fits; lines that were typed ahead are answers too.
 *
 * @throws HarnessError USAGE for an option that is wrong; ABORTED when the input ends.
 */
export class Questionnaire implements Disposable {
  readonly #given: Given;
  readonly #person: Person;
  readonly #lines: Interface;
  readonly #next: AsyncIterator<string>;

  constructor(given: Given, person: Person) {
    this.#given = given;
    this.#person = person;
    // Not as a terminal: that would take Ctrl-C for a key, and the interrupt would never come.
    this.#lines = createInterface({ input: person.input, terminal: false, signal: person.signal });
    this.#next = this.#lines[Symbol.asyncIterator]();
  }

  readonly ask: Ask = async (question) => {
    const given = givenAnswer(this.#given, question);
    if (given !== undefined) return given;
    const { output, signal } = this.#person;
    for (;;) {
      output.write(clean(`${question.text}${question.proposal ? ` [${question.proposal}]` : ""}: `));
      // A terminal that goes away ends the input with an error.
      const { value, done } = await this.#next.next().catch(() => ({ value: "", done: true }));
      signal.throwIfAborted();
      if (done) throw new HarnessError("ABORTED", `the input ended at the question: ${question.text}`);
      const answer = value.trim() || (question.proposal ?? "");
      const mistake = question.mistake(answer);
      if (mistake === undefined) return answer;
      output.write(clean(`  ${mistake}\n`));
    }
  };

  [Symbol.dispose](): void {
    this.#lines.close();
  }
}

/** Where nobody can be asked: options alone, and defaults where a question has one. */
export function optionsAlone(given: Given): { readonly ask: Ask; refuseMissing(): void } {
  const missing: string[] = [];
  return {
    ask: async (question) => {
      const answer = givenAnswer(given, question) ?? (question.optional ? question.proposal : undefined);
      if (answer === undefined) missing.push(`--${question.option}`);
      return answer ?? "";
    },
    refuseMissing: () => {
      if (missing.length === 0) return;
      throw new HarnessError("USAGE", `without a terminal nobody can be asked: ${missing.join(", ")} missing`);
    },
  };
}

function givenAnswer(given: Given, { option, mistake }: Question): string | undefined {
  const answer = given[option];
  const wrong = answer === undefined ? undefined : mistake(answer);
  if (wrong === undefined) return answer;
  throw new HarnessError("USAGE", `--${option}: ${wrong}, got ${JSON.stringify(answer)}`);
}
