/** No command is longer; what is can only be wrong. Our choice. */
const LONGEST = 512;

/** What a command waits for. */
interface Data {
  readonly bytes: Uint8Array;
  at: number;
  readonly done: (bytes: Uint8Array) => void;
}

/**
 * What comes in frames, as one stream: lines while a command is waited for, bytes while one takes data. What comes while
 * a command is under way is lost, and told: once a frame.
 */
export class Inbox {
  readonly #refuse: () => void;
  #text = "";
  #line: ((line: string) => void) | undefined;
  #data: Data | undefined;

  constructor(refuse: () => void) {
    this.#refuse = refuse;
  }

  /** The next line that is not empty, without its end; of one without an end little is kept. */
  line(): Promise<string> {
    return new Promise((resolve) => {
      this.#line = resolve;
    });
  }

  /** The next `length` bytes, whatever they are. */
  take(length: number): Promise<Uint8Array> {
    return new Promise((done) => {
      this.#data = { bytes: new Uint8Array(length), at: 0, done };
    });
  }

  hear(payload: Uint8Array): void {
    if (this.#data !== undefined) this.#fill(this.#data, payload);
    else if (this.#line !== undefined) this.#read(payload, this.#line);
    else this.#refuse();
  }

  #read(payload: Uint8Array, heard: (line: string) => void): void {
    const text = (this.#text + Buffer.from(payload).toString("latin1")).replace(/^[\r\n]+/, "");
    const end = text.indexOf("\n");
    this.#text = end < 0 ? text.slice(0, LONGEST) : "";
    if (end < 0) return;
    this.#line = undefined;
    heard(text.slice(0, end).replace(/\r$/, ""));
    if (/[^\r\n]/.test(text.slice(end))) this.#refuse();
  }

  #fill(data: Data, payload: Uint8Array): void {
    const mine = payload.subarray(0, data.bytes.length - data.at);
    data.bytes.set(mine, data.at);
    data.at += mine.length;
    if (data.at < data.bytes.length) return;
    this.#data = undefined;
    data.done(data.bytes);
    if (mine.length < payload.length) this.#refuse();
  }
}
