/** The tool's lines with its times: each line of `script` is what passes before it, in milliseconds, and what is said. */
export function stamped(script: string, startMs = ((22 * 60 + 36) * 60 + 53) * 1000): string {
  let at = startMs;
  const lines = script
    .trim()
    .split("\n")
    .map((line) => {
      const [, wait = "0", text = ""] = /^\s*(\d+) ?(.*)$/.exec(line) ?? [];
      at += Number(wait);
      const [hours, minutes, seconds] = [at / 3_600_000, at / 60_000, at / 1000].map(Math.floor) as [
        number,
        number,
        number,
      ];
      const time = [hours % 24, minutes % 60, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
      return `[${time}.${String(at % 1000).padStart(3, "0")}] - ${text}`;
    });
  return `${lines.join("\n")}\n`;
}

const START = `
  0 Serial port is COM5
  0 ==================================================
  0 FW get address from partiton file NCP_Binaries\\./partition.bin
  0 Address=0x10000
  0 FW get size from partiton file NCP_Binaries\\./partition.bin
  0 Size=1785856
  3 Program Start
  0 ========= eflash loader cmd arguments =========
  0 serial port is COM5
  0 cpu_reset=False
  280 com speed: 2000000
  0 ========= Interface is uart =========
  0 Bootrom load
  0 ========= get_boot_info =========
  2 ========= image get bootinfo =========
`;

const attempt = (ack: string, last: string) => `
  260 tx rx and power off, press the machine!
  0 cutoff time is 0.05
  54 power on tx and rx
  995 reset cnt: 0, reset hold: 0.05, shake hand delay: 0.1
  1 clean buf
  6 send sync
  ${ack === "" ? 102 : 224} ack is b'${ack}'
  0 ${last}
`;

const bootInfo = (data: string, chipId: string) => `
  515 data read is b'${data}'
  0 ========= ChipID: ${chipId} =========
  0 Get bootinfo time cost(ms): 3448.0
  0 change bdrate: 2000000
  0 Clock PLL set
  0 Set clock time cost(ms): 0.0
  126 flash set para
  0 get flash pin cfg from bootinfo: 0x08
  0 set flash cfg: 1014108
  0 Set flash config
`;

const join = (...parts: readonly string[]) => parts.map((part) => part.trim()).join("\n");

/** The failure with which this project began: all is well at 500 000 Bd, and set-para at 2 MBd gets not a byte, four times. */
export const SEED1 = stamped(
  join(
    START,
    attempt("", "retry"),
    attempt("4f4b", "shake hand success"),
    bootInfo("0200160601000100a7128201dcd2037b82401c008f758090e8805be3", "40827b03d2dc"),
    ["  2002 ack is b''\n  0 Retry", "  2002 ack is b''\n  0 Retry", "  2002 ack is b''\n  0 Retry"].join("\n"),
    `
  2002 ack is b''
  0 {"ErrorCode": "003B","ErrorMsg":"CHIP FLASH SET PARA FAIL"}
  0 Burn Retry
  0 Burn return with retry fail
`,
  ),
);

const loads = (total: number) =>
  Array.from({ length: Math.ceil(total / 2048) }, (_, index) => {
    const at = Math.min((index + 1) * 2048, total);
    return `  24 Load ${at}/${total} {"progress":${Math.floor((100 * at) / total)}}`;
  }).join("\n");

const file = (index: number, name: string, address: string, total: number) => `
  0 Dealing Index ${index}
  0 ========= programming NCP_Binaries\\./${name} to 0x${address}
  2 flash para file: chips\\qcc743\\efuse_bootheader\\flash_para.bin
  0 Set flash config
  10 Set para time cost(ms): 9.8
  0 ========= flash load =========
  12 decompress flash load ${total}
${loads(total)}
  0 Load ${total}/${total} {"progress":100}
  0 Write check
  27 Flash load time cost(ms): 335.4
  0 Finished
  0 Sha caled by host: 8161b63f09e30787bd4ff7c3a28be1aed67fdb18c94a21fc757b2d6d5a5501a5
  0 xip mode Verify
  43 Read Sha256/${total}
  0 Flash xip readsha time cost(ms): 42.9
  0 Finished
  0 Sha caled by dev: 8161b63f09e30787bd4ff7c3a28be1aed67fdb18c94a21fc757b2d6d5a5501a5
  0 Verify success
`;

const PROLOGUE = join(
  START,
  attempt("4f4b", "shake hand success"),
  bootInfo("0200160601000100a71282014277037b82401d008f7580904514c32d", "40827b037742"),
  `
  9 Set para time cost(ms): 9.0
  0 ========= flash read jedec ID =========
  1 Read flash jedec ID
  0 readdata:
  0 b'c4601600'
  0 Finished
  0 flash config Not found, use default
  0 jedec_id:c46016
  0 capacity:4.0M
  0 get flash size: 0x00400000
  6 Program operation
`,
);

const EPILOGUE = `
  0 Program Finished
  0 All time cost(ms): 4100.2
  100 close interface
  0 [All Success]
`;

/** Its counterpart, on another module, with the tail that the seed log itself lacks: by the public log of a BL616. */
export const SEED2 = stamped(
  join(
    PROLOGUE,
    `
  0 Flash Chip Erase All
  6 Chip erase time cost(ms): 6.3
`,
    file(0, "st67w611m_boot2_v8.1.9.bin", "000000", 27576),
    file(1, "partition.bin", "00E000", 308),
    file(2, "st67w611m_mission_t02_v2.0.106.bin", "010000", 20480),
    EPILOGUE,
  ),
);

/** A firmware named where an ini belongs: no file is written, the fuses are burned, and the tool is satisfied. */
export const NO_INI = `C:\\ncp>QConn_Flash\\QConn_Flash_Cmd.exe --port COM9 --config NCP_Binaries\\st67w611m_mission_t01_v2.0.75.bin --efuse=NCP_Binaries\\efusedata.bin
ConfigParser Error: File contains no section headers.
${stamped(
  join(
    PROLOGUE,
    `
  0 ========= efuse load =========
  0 Load file: NCP_Binaries\\efusedata.bin
  0 Decrypt efuse data
  0 Load efuse 0
  25 Load efuse 1
  32 Load efuse remainder
  32 All time cost(ms): 2630.1
  100 close interface
  0 [All Success]
`,
  ),
)}`;
