import type { Fact, Stage, Trouble } from "./evidence.js";

/** One wording of the tool, from the first letter of what it prints on, and the fact that it states. */
export interface Wording {
  readonly says: RegExp;
  readonly fact: (groups: readonly (string | undefined)[]) => Fact;
  /** The tool prints it without a time; everything else counts only with one, where a log has any. */
  readonly bare?: true;
}

const stage =
  (name: Stage): Wording["fact"] =>
  () => ({ type: "stage", stage: name });

const done =
  (name: Stage): Wording["fact"] =>
  ([ms]) => ({ type: "done", stage: name, ...(ms !== undefined && { ms: Number(ms) }) });

const trouble =
  (name: Trouble): Wording["fact"] =>
  () => ({ type: "trouble", trouble: name });

const start =
  (step: number): Wording["fact"] =>
  () => ({ type: "start", step });

const COST = String.raw`(?:time )?cost\s?\(ms\):?\s*(\d{1,9}(?:\.\d{1,20})?)`;
const costing = (words: string) => new RegExp(`^${words} ${COST}`, "i");

/**
 * The wordings of QConn_Flash_Cmd, and of the readable tools of its family where theirs differ. The first that fits counts.
 * Sources: the seed logs, a public log of a BL616, and the texts of BLFlashCommand and bflb-mcu-tool.
 */
export const WORDINGS: readonly Wording[] = [
  {
    says: /^Load (\d{1,9})\/(\d{1,9})\b/,
    fact: ([at, total]) => ({ type: "chunk", done: Number(at), total: Number(total) }),
  },
  {
    says: /^ack is:?\s*(?:b?'?([0-9a-f]*)'?)?$/i,
    fact: ([bytes = ""]) => ({ type: "heard", bytes: bytes.toLowerCase() }),
  },
  { says: /^ack is:?\s*b?'([0-9a-f]+)/i, fact: ([bytes = ""]) => ({ type: "heard", bytes: bytes.toLowerCase() }) },
  {
    says: /^err code is:?\s*b?'?([0-9a-f]*)/i,
    fact: ([bytes = ""]) => ({ type: "heard", bytes: `464c${bytes}`.toLowerCase() }),
  },
  { says: /^FL([0-9a-f]{4})\b/i, fact: ([status = ""]) => ({ type: "refused", status: Number.parseInt(status, 16) }) },

  { says: /^Serial port is not found/i, fact: trouble("port") },
  { says: /^Serial port is (?=\S)(?!.*\bnot found)[A-Z/]/, fact: start(0) },
  { says: /^Program Start\b/i, fact: start(1) },
  { says: /^=+ eflash loader cmd arguments/i, fact: start(2) },
  { says: /^com speed:\s*(\d{3,8})/i, fact: ([baud]) => ({ type: "rate", baud: Number(baud) }) },
  { says: /^change bdrate:?\s*(\d{3,8})/i, fact: ([baud]) => ({ type: "rate", baud: Number(baud) }) },

  { says: /^=+ image get bootinfo/i, fact: stage("handshake") },
  { says: /^=+ image load\b/i, fact: stage("handshake") },
  { says: /^send sync\b/i, fact: stage("handshake") },
  { says: /^shake ?hand success/i, fact: done("handshake") },
  { says: /^(?:get_boot_info no ok|get_boot_info$)/i, fact: stage("boot-info") },
  {
    says: /^data read is:?\s*(?:b'([0-9a-f]{8,})'|([0-9a-f]{8,})$)/i,
    fact: ([quoted, bare = ""]) => ({ type: "boot-info", bytes: (quoted ?? bare).toLowerCase() }),
  },
  // A window that is too narrow has broken the line: what is left of the bytes proves nothing.
  { says: /^data read is/i, fact: done("boot-info") },
  { says: costing("Get bootinfo"), fact: () => ({ type: "done", stage: "boot-info" }) },
  { says: /^Clock PLL set\b/i, fact: stage("clock-set") },
  { says: costing("Set clock"), fact: done("clock-set") },
  { says: /^(?:flash set para$|Set flash config\b)/i, fact: stage("set-para") },
  { says: costing("Set para"), fact: done("set-para") },
  { says: /^=+ flash read jedec ID/i, fact: stage("jedec") },
  { says: /^b'([0-9a-f]{2,64})'$/i, fact: ([bytes = ""]) => ({ type: "data", bytes: bytes.toLowerCase() }) },
  { says: /^(?:get flash size|capacity)\b/i, fact: done("jedec") },

  { says: /^Program operation\b/i, fact: () => ({ type: "writes" }) },
  { says: /^Dealing Index (\d{1,3})/i, fact: ([index]) => ({ type: "file", index: Number(index) }) },
  { says: /^(?:Erase flash operation|Flash Chip Erase All|=+ flash erase\b)/i, fact: stage("erase") },
  { says: costing("(?:Chip erase|Erase)"), fact: done("erase") },
  { says: /^Erase flash OK/i, fact: done("erase") },
  { says: /^(?:=+ flash load\b|decompress flash load)/i, fact: stage("write") },
  { says: /^Write check\b/i, fact: stage("write-check") },
  { says: costing("Flash load"), fact: done("write") },
  { says: /^(?:xip|sbus) mode Verify/i, fact: stage("verify") },
  { says: /^Verify success/i, fact: done("verify") },
  { says: /^(?:Verify fail|compare fail)\b/i, fact: () => ({ type: "mismatch" }) },
  { says: /^(?:Read operation|=+ flash read =+)/i, fact: stage("read") },
  { says: costing("Flash read"), fact: done("read") },
  { says: /^(?:=+ efuse load\b|Load efuse\b|Decrypt efuse data)/i, fact: stage("efuse") },

  {
    says: /^(?:error:\s*)?\{?\s*"?ErrorCode"?\s*:\s*"?([0-9A-F]{4})\b/i,
    fact: ([code = ""]) => ({ type: "error", code: code.toUpperCase() }),
  },
  { says: /^shake ?hand fail\b/i, fact: () => ({ type: "error", code: "0050" }) },
  { says: /^Burn Retry\b/i, fact: () => ({ type: "again" }) },
  { says: /^Burn return with retry fail/i, fact: () => ({ type: "end", ok: false }) },
  { says: /^\\?\[All Success(?:ful)?\\?\]/i, fact: () => ({ type: "end", ok: true }) },

  { says: /^(?:flashcfg not match|flash_cfg not match)/i, fact: trouble("wrong-flash-block") },
  { says: /image file is not existed|No such file or directory: '/i, fact: trouble("file-missing") },
  { says: /multiple files were matched/i, fact: trouble("file-clash") },
  { says: /^Error: (?:.*has duplicate addresse?|The file size exceeds|path: .*size: )/i, fact: trouble("file-clash") },
  { says: /^Fail, not find .{0,80} in partition|is invalid hexadecimal value/i, fact: trouble("partition") },
  { says: /^(?:Error: )?Config File Not Found|^Config file .{0,300} not found/i, fact: trouble("no-config") },
  { says: /could not open port|Access is denied|PermissionError|Permission denied: '/i, fact: trouble("port") },
  {
    says: /ClearCommError|device reports readiness to read|WriteFile failed|Attempting to use a port that is not open/i,
    fact: trouble("port-lost"),
  },

  {
    says: /^(?:ConfigParser Error|Pars(?:e|er) para error|configparser\.\w+Error|.{0,80}File contains no section headers)/i,
    fact: trouble("not-an-ini"),
    bare: true,
  },
  { says: /^(?:UnicodeDecodeError:|.{0,80}codec can't decode byte)/i, fact: trouble("not-an-ini"), bare: true },
  { says: /^Traceback \(most recent call last\)/, fact: trouble("crashed"), bare: true },
  { says: /QConn_Flash_Cmd\S*: .{0,40}Permission denied/i, fact: trouble("not-executable"), bare: true },
  {
    says: /(?:QConn_Flash_Cmd|BLFlashCommand)\S{0,40}['"]?,? .{0,400}--(?:port|config|erase|read)\b/i,
    fact: () => ({ type: "asked", config: undefined, efuse: false }),
    bare: true,
  },
  { says: /^(?:PK sha error|boot2: PK sha)/i, fact: () => ({ type: "boot2", about: "key" }), bare: true },
  { says: /^SIG crc error/i, fact: () => ({ type: "boot2", about: "signature" }), bare: true },
  {
    says: /^(?:no valid group found|Group \d parse fail ret 0x)/i,
    fact: () => ({ type: "boot2", about: "image" }),
    bare: true,
  },
];
