import { scenario } from "../harness/run/index.js";

/** The same firmware a second time: modules were reported that take T01 once and refuse every flash after it. */
export default scenario({
  name: "reflash",
  tags: ["smoke"],
  parameters: ({ firmwares }) =>
    firmwares.map((firmware) => ({ label: firmware.label, firmwares: [firmware], firmware })),
  async run({ flash, boot }, { firmware }) {
    await flash(firmware);
    await boot(firmware);
    await flash(firmware);
    await boot(firmware);
  },
});
