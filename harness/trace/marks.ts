import { MARKS, type Mark, type TraceRecord } from "./record.js";

export interface OpenMark {
  readonly what: Mark;
  readonly name: string;
}

/** What is under way as one walks through a trace, the outermost first. */
export class Marks {
  readonly #open: OpenMark[] = [];

  get innermost(): OpenMark | undefined {
    return this.#open.at(-1);
  }

  /** @returns what has ended by `record`, the innermost first: what failed told no end of its own. */
  hear(record: Extract<TraceRecord, { type: "begin" | "end" }>): OpenMark[] {
    const { type, what, name } = record;
    if (type === "end") {
      const at = this.#open.findLastIndex((mark) => mark.what === what && mark.name === name);
      return at < 0 ? [] : this.#open.splice(at).reverse();
    }
    // Steps may lie in steps; nothing else lies in its like.
    const rank = MARKS.indexOf(what) + (what === "step" ? 1 : 0);
    const at = this.#open.findIndex((mark) => MARKS.indexOf(mark.what) >= rank);
    const ended = at < 0 ? [] : this.#open.splice(at).reverse();
    this.#open.push({ what, name });
    return ended;
  }

  /** All of them, the innermost first. */
  end(): OpenMark[] {
    return this.#open.splice(0).reverse();
  }
}
