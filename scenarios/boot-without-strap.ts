import { type Bench, HarnessError, scenario } from "../harness/run/index.js";

/**
 * With BOOT released the module starts its firmware and the ROM stays silent. A ROM that answers all the same means
 * that BOOT is stuck high; then no other scenario proves that our strap does anything. A module without a boot loader
 * waits in its ROM whatever BOOT says: it is given a firmware first.
 */
export default scenario({
  name: "boot-without-strap",
  tags: ["smoke"],
  needs: ["lines"],
  timeoutMs: 120_000,
  parameters: ({ firmwares }) => [{ label: "", spare: firmwares.at(-1) }],
  async run(bench, { spare }) {
    const { flash, skip, step, expect } = bench;
    let refusal = await step("handshake with BOOT released", () => refusalOf(bench));
    if (refusal === undefined && !(await hasBootLoader(bench))) {
      if (spare === undefined)
        return skip("the module has no boot loader to start, and there is no firmware to give it");
      await flash(spare);
      refusal = await step("handshake with BOOT released, now with a firmware", () => refusalOf(bench));
    }
    expect(refusal).toBeInstanceOf(HarnessError);
    expect(refusal).toMatchObject({
      code: "NOT_IN_ROM",
      blame: "rig",
      advice: expect.stringContaining("BOOT and CHIP_EN"),
    });
  },
});

const refusalOf = ({ enterRom }: Bench): Promise<unknown> =>
  enterRom("application").then(
    () => undefined,
    (error: unknown) => error,
  );

async function hasBootLoader({ openSession, read }: Bench): Promise<boolean> {
  return Buffer.from(await read(await openSession(), 0, 4)).toString("latin1") === "BFNP";
}
