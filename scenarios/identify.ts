import { scenario } from "../harness/run/index.js";

/**
 * The ROM answers the handshake, and its boot info is whole: CRC, chip id and its zero-bit count. A noisy line or
 * a module that is not one of ours shows here, before anything is erased.
 */
export default scenario({
  name: "identify",
  tags: ["smoke"],
  timeoutMs: 180_000,
  async run({ openSession, note, measure, expect }) {
    const { info, jedec } = await openSession();
    note(
      `module ${info.chipId}, ROM ${info.romVersion}, ${info.signRequired ? "locked" : "not locked"}, flash ${jedec.id}`,
    );
    measure("flash size", jedec.flashBytes / 1024 / 1024, "MiB", { min: 4 });
    expect(info.encryptRequired).toBe(false);
  },
});
