import { HarnessError } from "../base/errors.js";
import { hex } from "../base/hex.js";

/** More than any answer has; a module that says more without an end is stopped. */
const MOST_BYTES = 65_536;
const LF = 0x0a;
/** The one answer with bytes of any value in it: so many of them follow. */
const COUNTED = /^\+EFUSE-R:(\d{1,3}),/;

/** What has come of AT and was not read: frames cut lines anywhere, and hold several. */
export class Received {
  readonly #name: string;
  #bytes = Buffer.alloc(0);

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws HarnessError AT_MALFORMED when nobody can read that much. */
  push(payload: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, payload]);
    if (this.#bytes.length <= MOST_BYTES) return;
    const found = hex(this.#bytes);
    this.drop();
    throw new HarnessError(
      "AT_MALFORMED",
      `${this.#name}: expected lines, got more than ${MOST_BYTES} bytes: ${found}`,
    );
  }

  /** The next line that is not empty, without its end, a character a byte; `undefined` while none has ended. */
  line(): string | undefined {
    for (;;) {
      const counted = COUNTED.exec(this.#bytes.toString("latin1", 0, 16));
      const start = counted === null ? 0 : counted[0].length + Number(counted[1]);
      const end = this.#bytes.indexOf(LF, start);
      if (end < 0) return undefined;
      const head = this.#bytes.toString("latin1", 0, start);
      const line = head + this.#bytes.toString("latin1", start, end).replace(/^\r+|\r+$/g, "");
      this.#bytes = this.#bytes.subarray(end + 1);
      if (line !== "") return line;
    }
  }

  /** Takes a `>` that stands where a line would begin, as the module asks for data: it has no line end. */
  prompt(): boolean {
    const found = /^[\r\n ]*> ?/.exec(this.#bytes.toString("latin1", 0, 16));
    if (found === null) return false;
    this.#bytes = this.#bytes.subarray(found[0].length);
    return true;
  }

  /** The beginning of what is no line yet, for messages. */
  get rest(): string {
    return this.#bytes.toString("latin1", 0, 80);
  }

  drop(): void {
    this.#bytes = Buffer.alloc(0);
  }
}
