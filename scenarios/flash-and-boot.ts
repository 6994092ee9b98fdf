import { scenario } from "../harness/run/index.js";

/** A firmware that was programmed and verified boots, and says so itself: the banner names its version and profile. */
export default scenario({
  name: "flash-and-boot",
  tags: ["smoke"],
  parameters: ({ firmwares }) => firmwares.map((firmware) => ({ label: firmware.label, after: firmware })),
  async run({ flash, boot }, { after }) {
    await flash(after);
    await boot(after);
  },
});
