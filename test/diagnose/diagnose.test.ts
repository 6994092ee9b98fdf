import { describe, expect, test } from "@jest/globals";
import { diagnose } from "../../harness/diagnose/diagnose.js";
import { inThreeLines } from "../../harness/diagnose/in-three-lines.js";
import { evidenceOfLog } from "../../harness/diagnose/log.js";
import { NO_INI, SEED1, SEED2, stamped } from "./seed-logs.js";

const of = (text: string) => diagnose(evidenceOfLog(text));
const codesOf = (text: string) => of(text).causes.map(({ code }) => code);
/** A log up to the first line that holds `words`, with another ending from there on. */
function instead(log: string, words: string, ending: string): string {
  const at = log.indexOf(words);
  if (at < 0) throw new Error(`no ${words} in the log`);
  return log.slice(0, log.lastIndexOf("\n", at) + 1) + ending;
}
const line = (text: string): string => `[22:37:09.000] - ${text}\n`;
const error = (code: string): string => line(`{"ErrorCode": "${code}","ErrorMsg":"CHIP SOME FAIL"}`);

test("the log with which it began: the link first, then the module, with the whole-chip erase as the cure", () => {
  const { verdict, stage, handshake, lastBytes, causes, stages } = of(SEED1);
  expect({ verdict, stage, handshake, bytes: lastBytes?.bytes }).toEqual({
    verdict: "failed",
    stage: "set-para",
    handshake: "answered",
    bytes: "",
  });
  expect(causes.map(({ code, likelihood }) => [code, likelihood])).toEqual([
    ["LINK_TOO_SLOW", "likely"],
    ["SET_PARA_SILENT", "possible"],
    ["MODULE_LEFT_ROM", "unlikely"],
  ]);
  expect(causes[0]?.evidence).toMatch(/^\[[\d:.]+\] - ack is b''$/);
  expect(causes[1]?.advice).toContain("--erase --whole_chip");
  expect(stages.map(({ stage, ms, slow }) => [stage, ms, slow])).toEqual([
    ["handshake", 2958, false],
    ["boot-info", 515, false],
    ["clock-set", 0, false],
  ]);
});

test("its counterpart is ok", () => {
  expect(of(SEED2)).toMatchObject({
    verdict: "ok",
    stage: "done",
    because: "3 files written and verified",
    causes: [],
  });
});

test("success of a run that wrote no file and burned fuses is a failure", () => {
  expect(of(NO_INI)).toMatchObject({ verdict: "failed", stage: "config" });
  expect(codesOf(NO_INI)).toEqual(["INI_INVALID", "FUSES_BURNED", "NOTHING_WRITTEN"]);
});

test("without a word of the parser too: the command line names no ini", () => {
  const quiet = NO_INI.replace(/ConfigParser.*\n/, "");
  expect(of(quiet).verdict).toBe("failed");
  expect(codesOf(quiet)).toContain("INI_INVALID");
  expect(of(quiet.slice(quiet.indexOf("\n") + 1)).verdict).toBe("failed");
});

describe("which log would be ok though the flash failed?", () => {
  test.each([
    ["success alone", line("[All Success]"), "unclear"],
    ["success without any work", SEED2.replace(/.*(Dealing|Verify|Flash load|erase).*\n/gi, ""), "unclear"],
    ["an erased chip, and no file", SEED2.replace(/.*(Dealing|Verify|Flash load).*\n/gi, ""), "unclear"],
    ["a file that was not written", SEED2.replace(/.*Flash load time cost.*\n/, ""), "unclear"],
    ["a file that was not verified", SEED2.replace(/.*Verify success.*\n/, ""), "unclear"],
    ["a file that is missing", SEED2.replace(/.*Dealing Index 1.*\n/, ""), "unclear"],
    ["a hash that differs", SEED2.replace("Verify success", "Verify fail"), "failed"],
    ["an error within", SEED2.replace(/(.*Program Finished)/, `${error("0022")}$1`), "failed"],
    ["success, and boot2 refuses the image", `${SEED2}PK sha error\nno valid group found\n`, "failed"],
    ["an echo of success below the log of a failure", `${SEED1}[All Success]\n> OK\n`, "failed"],
    ["success as a word of somebody", instead(SEED2, "Write check", "and then it said [All Success]\n"), "unclear"],
    [
      "a second start that did not begin",
      `${SEED2}$ QConn_Flash_Cmd-ubuntu --port X --config y.ini\nQConn_Flash_Cmd-ubuntu: Permission denied\n`,
      "failed",
    ],
    ["a second run that was cut", SEED2 + instead(SEED2, "Write check", ""), "unclear"],
  ])("%s", (_, text, verdict) => {
    expect(of(text).verdict).toBe(verdict);
  });
});

test("a log without any verification is ok by the tool's word, which is told", () => {
  const { verdict, notes } = of(SEED2.replace(/.*(Verify|Sha).*\n/g, ""));
  expect(verdict).toBe("ok");
  expect(notes.join()).toContain("`st67-hil verify`");
});

describe("a log of several runs is judged by the last, and all are told", () => {
  test("failure, then success", () => {
    const { verdict, runs, notes } = of(SEED1 + SEED2);
    expect(verdict).toBe("ok");
    expect(runs.map((run) => run.verdict)).toEqual(["failed", "ok"]);
    expect(notes.join()).toContain("line 1: failed, at set-para");
  });

  test("success, then failure: the line has carried 2 MBd, so the module is at fault", () => {
    const { verdict, causes, runs } = of(SEED2 + SEED1);
    expect(verdict).toBe("failed");
    expect(runs.map((run) => run.verdict)).toEqual(["ok", "failed"]);
    expect(causes[0]?.code).toBe("SET_PARA_SILENT");
  });

  test("a tool that begins once more by itself", () => {
    const again =
      SEED1.replace(/.*Burn return.*\n/, "") + SEED2.slice(SEED2.indexOf("\n", SEED2.indexOf("Bootrom load")) + 1);
    expect(of(again)).toMatchObject({ verdict: "ok", runs: [{ verdict: "failed" }, { verdict: "ok" }] });
  });

  test("success twice", () => {
    expect(of(SEED2 + SEED2)).toMatchObject({ verdict: "ok", runs: [{ verdict: "ok" }, { verdict: "ok" }] });
  });
});

describe("three kinds are told apart", () => {
  const ack = (bytes: string): string => SEED1.replaceAll(/ack is b''|ack is b'4f4b'/g, `ack is b'${bytes}'`);
  const failing = (bytes: string): string =>
    instead(ack(bytes), "shake hand success", line("shake hand fail") + error("0050"));

  test("the acknowledgement was empty", () => {
    expect(of(failing(""))).toMatchObject({ verdict: "failed", stage: "handshake", handshake: "silent" });
    expect(codesOf(failing(""))).toEqual(["NOT_IN_ROM", "WIRES_OPEN", "PORT_UNAVAILABLE"]);
  });

  test("it was foreign bytes: a firmware runs", () => {
    expect(of(failing("c127bd4141"))).toMatchObject({ handshake: "foreign", lastBytes: { bytes: "c127bd4141" } });
    expect(codesOf(failing("c127bd4141"))).toEqual(["NOT_IN_ROM"]);
  });

  test("the host hears itself", () => {
    expect(codesOf(failing("55".repeat(300)))[0]).toBe("LINE_ECHOES");
  });

  test("an O in the text of a boot was taken for an OK", () => {
    const text = instead(ack("424f4f540d0a"), "data read is", line("ack is b''") + error("0050"));
    expect(of(text)).toMatchObject({ verdict: "failed", stage: "boot-info" });
    expect(codesOf(text).slice(0, 2)).toEqual(["NOISE_TAKEN", "MODULE_LEFT_ROM"]);
  });

  test("noise before a good OK is none of it", () => {
    expect(codesOf(SEED1.replace("b'4f4b'", "b'c127bd41414f4b'"))[0]).toBe("LINK_TOO_SLOW");
  });
});

describe("what fails behind the handshake", () => {
  const at = (from: string, ending: string) => instead(SEED2, from, ending);
  const silence = `${line("ack is b''")}${line("Retry")}`.repeat(4);
  test.each([
    ["boot info damaged", SEED1.replace("0200160601", "0200160611"), "BOOT_INFO_CORRUPT"],
    ["clock-set silent", at("Set clock", silence + error("000C")), "MODULE_LEFT_ROM"],
    [
      "text instead of an answer",
      instead(SEED1, "set flash cfg", line("Set flash config") + line("FL6469 unknown") + error("003B")),
      "MODULE_LEFT_ROM",
    ],
    ["bytes instead of an answer", SEED1.replaceAll("ack is b''", "ack is b'fe'"), "LINK_TOO_SLOW"],
    [
      "a checksum",
      instead(SEED1, "set flash cfg", line("Set flash config") + line("FL0103(CHIP_CMD_CRC_ERROR)") + error("003B")),
      "COMMAND_DAMAGED",
    ],
    ["no flash", at("Set para time", line("FL0001(CHIP_FLASH_INIT_ERROR)") + error("003B")), "FLASH_UNREACHED"],
    [
      "nobody on the flash's bus",
      SEED2.replace("c4601600", "ffffff00").replace(/.*\[All Success\]\n/, error("003D")),
      "FLASH_UNREACHED",
    ],
    ["an unknown flash", at("flash config Not", error("003D")), "FLASH_UNKNOWN"],
    ["erase refused", at("Chip erase time", line("FL0003(CHIP_FLASH_ERASE_ERROR)") + error("0033")), "ERASE_REFUSED"],
    ["erase silent", at("Chip erase time", silence + error("0033")), "ERASE_SILENT"],
    ["the first chunk silent", at("Load 2048/", silence + error("0036")), "BRIDGE_BUFFER"],
    ["a later chunk silent", at("Load 4096/", silence + error("0036")), "MODULE_LEFT_ROM"],
    ["a chunk refused", at("Load 4096/", line("FL0006(CHIP_FLASH_WRITE_ERROR)") + error("0036")), "WRITE_FAILED"],
    [
      "the handshake after a pause missed",
      at("decompress flash", line("Flash load shake hand") + error("0001")),
      "SESSION_LOST",
    ],
    ["a hash that differs", at("Verify success", line("Verify fail") + error("003E")), "VERIFY_MISMATCH"],
    [
      "the fuses refused",
      at("Program Finished", line("Load efuse 0") + line("FL0403(CHIP_EFUSE_WRITE_ERROR)") + error("0021")),
      "FUSES_REFUSED",
    ],
    [
      "the placeholder",
      at("Program Start", line("Error: FW:/x/st67w611m_mission_t02_vxxx.bin image file is not existed")),
      "PLACEHOLDER_LEFT",
    ],
    [
      "a file is missing",
      at("Program Start", line("Error: littlefs:/x/littlefs.bin image file is not existed")),
      "PACKAGE_INVALID",
    ],
    [
      "the port",
      at("com speed", line("could not open port 'COM5': PermissionError(13, 'Access is denied.')")),
      "PORT_UNAVAILABLE",
    ],
    ["another chip's image", at("flash para file", line("flashcfg not match first") + error("003D")), "WRONG_PACKAGE"],
    [
      "unlocked, and boot2 refuses",
      `${SEED2.replace("0200160601000100a712820142", "0200160600000100a712820142").replace("4514c32d", "00000000").replace("0200160600", "0100160600").replace("00000000'", "'")}no valid group found\n`,
      "MODULE_UNLOCKED",
    ],
    ["locked to another key", `${SEED2}PK sha error\n`, "KEY_FOREIGN"],
    ["too large", at("Dealing", error("0045")), "FLASH_TOO_SMALL"],
  ])("%s", (_, text, code) => {
    expect(of(text)).toMatchObject({ verdict: "failed", causes: expect.arrayContaining([]) });
    expect(codesOf(text)[0]).toBe(code);
  });
});

test("a narrow window breaks a line: half a boot info is no damaged one", () => {
  const broken = SEED1.replace("c008f758090", "c008f75\n8090");
  expect(codesOf(broken)).toEqual(codesOf(SEED1));
});

test("the first chunk silent after a pause of the host: the ROM had ended the session", () => {
  const text = instead(SEED2, "decompress flash", "");
  const later = "[23:00:00.000] - decompress flash load 27576\n[23:00:30.000] - ack is b''\n";
  expect(codesOf(text + later + error("0036"))[0]).toBe("SESSION_LOST");
});

test("a date before the times", () => {
  expect(of(SEED2.replaceAll("\n[", "\n[2026-03-19 ")).verdict).toBe("ok");
});

test("a cut log is unclear, and what it shows is told all the same", () => {
  const cut = SEED1.slice(0, SEED1.indexOf('{"ErrorCode"') - 17);
  expect(of(cut)).toMatchObject({ verdict: "unclear", stage: "set-para" });
  expect(codesOf(cut)[0]).toBe("LINK_TOO_SLOW");
});

test("only the error is left of a log", () => {
  expect(of(error("003B"))).toMatchObject({ verdict: "failed", stage: "set-para" });
  expect(codesOf(error("003B")).slice(0, 2)).toEqual(["LINK_TOO_SLOW", "SET_PARA_SILENT"]);
});

test.each(["", "\n\n", "hello\nworld\n", "Verify fail\n[All Success]\n", "Traceback (most recent call last)\n"])(
  "%j is unclear, and no run",
  (text) => {
    expect(of(text)).toMatchObject({ verdict: "unclear", stage: "none", runs: [] });
  },
);

test("the whole chip erased is ok without a file", () => {
  const prologue = instead(SEED2, "Program operation", "");
  const text =
    prologue +
    stamped(
      "0 Erase flash operation\n0 Flash Chip Erase All\n6 Chip erase time cost(ms): 6.3\n0 Erase flash OK\n0 [All Success]",
    );
  expect(of(text).verdict).toBe("ok");
});

test("in three lines", () => {
  expect(inThreeLines(of(SEED1))).toEqual([
    "diagnosis: failed, at set-para: the tool says error 003B",
    "causes in order: LINK_TOO_SLOW (likely), SET_PARA_SILENT (possible), MODULE_LEFT_ROM (unlikely)",
    expect.stringMatching(/^next: Use an adapter/),
  ]);
  for (const text of [SEED2, NO_INI, ""]) expect(inThreeLines(of(text)).length).toBeLessThanOrEqual(3);
});
