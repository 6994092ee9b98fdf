import { HarnessError, scenario } from "../harness/run/index.js";

/**
 * With BOOT released the module starts its firmware and the ROM stays silent. A ROM that answers all the same means
 * that BOOT is stuck high; then no other scenario proves that our strap does anything. A module without a boot loader
 * waits in its ROM whatever BOOT says, and proves nothing either way.
 */
export default scenario({
  name: "boot-without-strap",
  tags: ["smoke"],
  needs: ["lines"],
  timeoutMs: 60_000,
  async run({ enterRom, openSession, read, skip, expect }) {
    const refusal = await enterRom("application").then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined && !isImage(await read(await openSession(), 0, 4)))
      skip("the module has no boot loader to start");
    expect(refusal).toBeInstanceOf(HarnessError);
    expect(refusal).toMatchObject({ code: "NOT_IN_ROM", blame: "rig", advice: expect.stringMatching(/BOOT.*CHIP_EN/) });
  },
});

const isImage = (start: Uint8Array): boolean => Buffer.from(start).toString("latin1") === "BFNP";
