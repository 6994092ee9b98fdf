import { statusText } from "../../harness/protocol/status.js";
import type { Exchange } from "../../harness/trace/exchanges.js";

type Command = Extract<Exchange, { kind: "command" }>;

/** How the vendor's tool heads a command, what it says of a good one, and its code for a bad one. */
interface Words {
  readonly head?: string;
  readonly good?: string;
  readonly code: string;
  /** It asks a single time; everything else once and then three times more. */
  readonly once?: true;
}

const WORDS: Readonly<Record<string, Words>> = {
  getBootInfo: { code: "0050", once: true },
  clockSet: { head: "Clock PLL set", good: "Set clock time cost(ms): ", code: "000C" },
  flashSetPara: { head: "Set flash config", good: "Set para time cost(ms): ", code: "003B" },
  flashReadJedec: { head: "========= flash read jedec ID =========", code: "0030", once: true },
  flashChipErase: { head: "Flash Chip Erase All", good: "Chip erase time cost(ms): ", code: "0033" },
  flashErase: { head: "========= flash erase =========", good: "Erase time cost(ms): ", code: "0034" },
  flashWrite: { code: "0036" },
  flashDecompressWrite: { code: "0036" },
  flashWriteCheck: { head: "Write check", good: "Flash load time cost(ms): ", code: "0037" },
  xipReadStart: { head: "xip mode Verify", code: "0039", once: true },
  flashXipReadSha: { code: "0038" },
  xipReadFinish: { code: "0039", once: true },
  efuseWrite: { head: "Load efuse 0", code: "0021", once: true },
};

/**
 * What the vendor's tool would have printed of a conversation: ours, taken as its own. It tries what fails four times where
 * we try it once.
 *
 * @param passed whether the host was satisfied in the end: a hash that differs stands in no exchange.
 */
export function vendorLog(exchanges: readonly Exchange[], passed: boolean): string {
  const log = new Log();
  log.say(0, "Serial port is COM5");
  log.say(0, "Program Start");
  log.say(0, "========= eflash loader cmd arguments =========");
  log.say(0, "com speed: 2000000");
  log.say(0, "========= image get bootinfo =========");
  let failed: Exchange | undefined;
  for (const exchange of exchanges) {
    failed = log.tell(exchange) ? undefined : exchange;
    // What we ask to find out more, it does not.
    if (failed?.kind === "command") break;
  }
  if (passed) log.agree();
  if (passed) return log.end("Program Finished", "All time cost(ms): 4100.2", "close interface", "[All Success]");
  const code = failed === undefined ? log.blame() : log.fail(failed);
  return log.end(`{"ErrorCode": "${code}","ErrorMsg":"CHIP ERROR FAIL"}`, "Burn Retry", "Burn return with retry fail");
}

class Log {
  readonly #lines: string[] = [];
  #at = 8 * 3_600_000;
  #file: string | undefined;
  #files = 0;
  #chunks = 0;
  /** A hash has come, and nobody has said yet whether it is the file's. */
  #isHashed = false;

  say(ms: number, text: string): void {
    this.#at += ms;
    const time = new Date(this.#at).toISOString().slice(11, 23);
    this.#lines.push(`[${time}] - ${text}`);
  }

  end(...lines: readonly string[]): string {
    for (const line of lines) this.say(0, line);
    return `${this.#lines.join("\n")}\n`;
  }

  /** @returns whether it was answered well. */
  tell(exchange: Exchange): boolean {
    if (exchange.kind === "burst") return this.#greet(exchange);
    if (exchange.kind !== "command") return true;
    const words = WORDS[exchange.name];
    if (words === undefined) return true;
    if (exchange.name !== "xipReadFinish") this.agree();
    this.#begin(exchange, words);
    return exchange.answer.kind === "ok" && exchange.behind.length === 0 && this.#good(exchange, words);
  }

  #greet({ received, durationMs, answer }: Exchange & { kind: "burst" }): boolean {
    this.say(1300, "clean buf");
    this.say(0, "send sync");
    this.say(durationMs, `ack is b'${Buffer.from(received).toString("hex")}'`);
    this.say(0, answer.kind === "ok" ? "shake hand success" : received.length === 0 ? "retry" : "reshake");
    return answer.kind === "ok";
  }

  #begin({ name, stage }: Command, { head }: Words): void {
    if (name === "getBootInfo") this.say(500, "");
    if (name === "flashWrite" || name === "flashDecompressWrite") this.#load(stage);
    if (head !== undefined) this.say(0, head);
  }

  #load(stage: string | undefined): void {
    if (stage === this.#file) return;
    this.#file = stage;
    this.#chunks = 0;
    this.say(0, `Dealing Index ${this.#files++}`);
    this.say(0, `========= programming ${stage} to 0x010000`);
    this.say(0, "========= flash load =========");
  }

  #good({ name, answer, durationMs, received }: Command, { good }: Words): boolean {
    const data = answer.kind === "ok" ? Buffer.from(answer.data).toString("hex") : "";
    if (name === "getBootInfo") this.say(durationMs, `data read is b'${data}'`);
    else if (name === "flashReadJedec") {
      this.say(durationMs, "readdata:");
      this.say(0, `b'${data}'`);
    } else if (name === "flashWrite" || name === "flashDecompressWrite") {
      this.#chunks++;
      this.say(durationMs, `Load ${2048 * this.#chunks}/${1 << 20} {"progress":1}`);
    } else if (name === "flashXipReadSha") {
      this.say(durationMs, `Sha caled by dev: ${data}`);
      this.#isHashed = true;
    } else if (good !== undefined) this.say(durationMs, `${good}${durationMs}`);
    return received.length > 0;
  }

  /** The host goes on: the hash was the file's. */
  agree(): void {
    if (this.#isHashed) this.say(0, "Verify success");
    this.#isHashed = false;
  }

  /** What follows a hash that was answered, and was another one. */
  blame(): string {
    if (!this.#isHashed) return "FFFF";
    this.say(0, "Verify fail");
    return "003E";
  }

  fail(exchange: Exchange): string {
    if (exchange.kind === "burst") {
      this.say(0, "shake hand fail");
      return "0050";
    }
    const words = exchange.kind === "command" ? WORDS[exchange.name] : undefined;
    if (exchange.kind !== "command" || words === undefined) return "FFFF";
    for (let attempt = 0; attempt < (words.once ? 1 : 4); attempt++) {
      this.#bad(exchange);
      if (attempt < 3 && !words.once) this.say(0, "Retry");
    }
    return words.code;
  }

  /** The tool looks at two bytes, and takes two more of what is no O, K, P or D for a status. */
  #bad({ answer, received, behind }: Command): void {
    const late = Buffer.from(behind);
    if (answer.kind === "ok" && late.length >= 4)
      this.say(30, `FL${late.readUInt16LE(2).toString(16).padStart(4, "0")} unknown`);
    else if (answer.kind === "refused") this.say(30, statusText(answer.status).replace("FL ", "FL"));
    else if (received.length >= 4)
      this.say(2000, `FL${Buffer.from(received).readUInt16LE(2).toString(16).padStart(4, "0")} unknown`);
    else this.say(2000, `ack is b'${Buffer.from(received).toString("hex")}'`);
  }
}
