import { type Firmware, scenario } from "../harness/run/index.js";

/** T01 and T02 of one version share boot2, table and key: each must go over the other, and the other's code must be gone. */
export default scenario({
  name: "cross-flash",
  tags: ["smoke"],
  parameters: ({ firmwares }) =>
    pairs(firmwares).map(([from, to]) => ({ label: `${from.label} -> ${to.label}`, firmwares: [from, to], from, to })),
  async run({ flash, boot }, { from, to }) {
    await flash(from);
    await boot(from);
    await flash(to);
    await boot(to);
  },
});

const pairs = (firmwares: readonly Firmware[]): [Firmware, Firmware][] =>
  firmwares.flatMap((from) =>
    firmwares
      .filter((to) => to.version === from.version && to.profile !== from.profile)
      .map((to): [Firmware, Firmware] => [from, to]),
  );
