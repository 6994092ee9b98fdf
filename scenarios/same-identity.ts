import { parseMacs, parsePartNumber, scenario } from "../harness/run/index.js";
import { eachMission, OVER_SPI, toldBy } from "./parts/firmware-over-spi.js";

/**
 * Three ways to ask a module who it is lead to one answer: the banner on its UART, AT on its SPI, and the boot ROM. Where they
 * differ, two modules are wired to one rig, or the firmware tells what it is not.
 */
export default scenario({
  name: "same-identity",
  tags: ["functional"],
  ...OVER_SPI,
  parameters: eachMission,
  async run(bench, { before }) {
    const { boot, at, openSession, expect, note } = bench;
    const { banner } = await boot(before);
    const { version, profile } = await toldBy(bench);
    if (banner === undefined) note("this rig does not hear the banner: SPI and boot ROM are compared alone");
    else expect({ version, profile: banner.profile ?? profile }).toEqual({ version: banner.version, profile });
    const [factory] = parseMacs(await at("AT+GMAC?"));
    const partNumber = parsePartNumber(await at("AT+PN?"));
    const { info } = await openSession();
    expect(factory?.replaceAll(":", "").toLowerCase()).toBe(info.chipId);
    note(`module ${info.chipId}, part number ${partNumber === "" ? "not fused" : partNumber}`);
  },
});
