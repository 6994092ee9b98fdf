import type { Ncp } from "../spi/options.js";
import type { Transport } from "../spi/transport.js";

/** How the module puts its answers into frames. */
export class Talk {
  readonly #transport: Pick<Transport, "say">;
  readonly #ncp: Ncp;
  #held: Uint8Array[] = [];

  constructor(transport: Pick<Transport, "say">, ncp: Ncp) {
    this.#transport = transport;
    this.#ncp = ncp;
  }

  /** One piece of an answer, as it is. */
  say(piece: string | Uint8Array): void {
    const bytes = typeof piece === "string" ? Buffer.from(piece, "latin1") : piece;
    if (this.#ncp.answers === "split") this.#transport.say(bytes);
    else this.#held.push(bytes);
  }

  line(text: string): void {
    this.say(`${text}\r\n`);
  }

  /** A line that ends a command, or a part of one. */
  end(word: "OK" | "ERROR" | "SEND OK" | "busy p..."): void {
    this.say(`${this.#ncp.blankLines ? "\r\n" : ""}${word}\r\n`);
    this.flush();
  }

  /** The host waits for what was said. */
  flush(): void {
    if (this.#held.length > 0) this.#transport.say(Buffer.concat(this.#held));
    this.#held = [];
  }
}
