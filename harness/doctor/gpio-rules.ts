import { tellChips } from "../../rigs/lines/gpio-chips.js";
import { isSimulated } from "../../rigs/simulated.js";
import { failed, type Judgement, notApplicable, passed, type Rule, warned } from "./check.js";
import { type Facts, usesGpio } from "./facts.js";
import type { LineFacts } from "./lines.js";

const ELSEWHERE = "Run it on the machine that the module is wired to, or choose another line driver.";

const isOnoff = ({ config }: Facts): boolean => config.straps.driver === "onoff";
const isChardev = ({ config }: Facts): boolean => config.straps.driver === "chardev";

/** A check of a rig whose lines are GPIO lines of this machine. */
const ofGpio = (judge: (facts: Facts) => Judgement): Rule["judge"] => {
  return (facts) => (usesGpio(facts.config) ? judge(facts) : otherDriver(facts));
};

/** A check of the line driver onoff. */
const ofOnoff = (judge: (facts: Facts) => Judgement): Rule["judge"] => {
  return (facts) => (isOnoff(facts) ? judge(facts) : otherDriver(facts));
};

const otherDriver = ({ config }: Facts): Judgement => notApplicable(`the line driver is ${config.straps.driver}`);

export const board: Rule = {
  id: "board",
  expected: "nothing: for information",
  judge: ({ config, machine: { model, kernel } }) => {
    if (isSimulated(config)) return notApplicable("a simulated rig needs no board");
    return passed(`${model ?? "no model in a device tree"}, kernel ${kernel ?? "unknown"}`);
  },
};

export const sysfsGpio: Rule = {
  id: "sysfs-gpio",
  expected: "/sys/class/gpio/export, with the line driver onoff",
  judge: ofOnoff(({ machine }) =>
    machine.sysfsGpio === "missing"
      ? failed(
          "/sys/class/gpio/export is not there",
          machine.devices.length > 0 ? "Use `driver: chardev` in the rig file's straps." : ELSEWHERE,
        )
      : passed("/sys/class/gpio/export is there"),
  ),
};

export const gpioChip: Rule = {
  id: "gpio-chip",
  expected: "each line on exactly one chip",
  judge: ofGpio((facts) => {
    const { lines, machine } = facts;
    if (machine.chips.length === 0 && machine.devices.length === 0)
      return failed("no GPIO chip on this machine", ELSEWHERE);
    const lost = lines.flatMap(({ trouble }) => trouble ?? []);
    const asked = isChardev(facts) && machine.devices.some(({ mayUse }) => !mayUse);
    const hint = asked ? " A character device that this user may not use was not asked: see access." : "";
    if (lost.length > 0) return failed(lost.join("; "), `Correct the lines in the rig file.${hint}`);
    const chips = [...new Set(lines.flatMap(({ place }) => place?.chip ?? []))];
    return passed(`${lines.map(told).join(", ")}; ${tellChips(chips)}`);
  }),
};

export const linesFree: Rule = {
  id: "lines-free",
  expected: "nobody holds a line, and none is left exported",
  judge: ofGpio((facts) => {
    const placed = facts.lines.filter(({ place }) => place !== undefined);
    if (placed.length === 0) return notApplicable("no line was found");
    const held = placed.filter(({ consumer }) => consumer !== undefined && consumer !== "sysfs");
    if (held.length > 0) {
      const found = held.map((line) => `${line.name} is held by ${line.consumer}`).join("; ");
      return failed(found, "End that program, or the overlay in config.txt that takes the line.");
    }
    const left = placed.filter(({ exported, consumer }) => exported !== undefined || consumer === "sysfs");
    if (left.length === 0) return passed("all lines are free");
    const found = left.map(leftover).join("; ");
    if (isOnoff(facts)) return warned(found, "Nothing, if st67-hil left it: it does so on purpose, and takes it over.");
    const numbers = left.map(({ number }) => number ?? "NUMBER");
    const give = numbers.map((number) => `echo ${number} > /sys/class/gpio/unexport`).join("; ");
    return failed(found, `Give it back: \`${give}\`. The line may float from then on. Or use \`driver: onoff\`.`);
  }),
};

export const access: Rule = {
  id: "access",
  expected: "this user may use the lines and the port",
  judge: (facts) => {
    const { machine, port } = facts;
    const gpio = isOnoff(facts) && machine.sysfsGpio !== "missing" ? ["/sys/class/gpio/export"] : [];
    const devices = isChardev(facts) ? machine.devices : [];
    const there = port?.real === undefined ? [] : [port];
    const asked = [...gpio, ...devices.map(({ path }) => path), ...there.map(({ path }) => path)];
    if (asked.length === 0) return notApplicable("there is nothing to have access to");
    const closedGpio = [
      ...(machine.sysfsGpio === "forbidden" ? gpio : []),
      ...devices.filter(({ mayUse }) => !mayUse).map(({ path }) => path),
    ];
    const closedPort = there.filter(({ mayUse }) => !mayUse);
    const closed = [...closedGpio, ...closedPort.map(({ path }) => path)];
    if (closed.length === 0) return passed(asked.join(", "));
    const groups = new Set(closedGpio.length > 0 ? ["gpio"] : []);
    for (const { gid } of closedPort) groups.add(gid ? (machine.groupNames.get(gid) ?? "dialout") : "dialout");
    const member = machine.groups.length === 0 ? "no group" : machine.groups.join(", ");
    return failed(
      `${machine.user}, of ${member}, may not use ${closed.join(", ")}`,
      `Run \`sudo usermod -aG ${[...groups].join(",")} ${machine.user}\`, then log out and in again.`,
    );
  },
};

export const persistOutputs: Rule = {
  id: "persist-gpio-outputs",
  expected: "Y: a line that is given back keeps its level",
  judge: ofGpio(({ machine: { persist } }) => {
    if (persist === undefined) return notApplicable("this kernel's pin driver has no such setting");
    const found = `${persist.driver}: ${persist.value}`;
    if (persist.value === "Y") return passed(found);
    return warned(
      found,
      `CHIP_EN floats once its line is given back. Add \`${persist.driver}.persist_gpio_outputs=Y\` to cmdline.txt, or pull CHIP_EN down with a resistor.`,
    );
  }),
};

export const onoffLoads: Rule = {
  id: "onoff-loads",
  expected: "the package onoff and its native part load",
  judge: ofOnoff(({ onoffTrouble }) =>
    onoffTrouble === undefined
      ? passed("it loads")
      : failed(
          onoffTrouble,
          "Run `sudo apt install build-essential python3`, then `npm rebuild epoll`; or use `driver: chardev`.",
        ),
  ),
};

export const characterDevice: Rule = {
  id: "character-device",
  expected: "/dev/gpiochip*, with the line driver chardev",
  judge: ofGpio((facts) => {
    const found = facts.machine.devices.map(({ path }) => path).join(", ");
    if (found !== "") return passed(found);
    return isChardev(facts)
      ? failed(
          "no /dev/gpiochip*",
          facts.machine.chips.length > 0 ? "Use `driver: onoff` in the rig file's straps." : ELSEWHERE,
        )
      : notApplicable("no /dev/gpiochip*; the line driver onoff does without");
  }),
};

function told({ name, place, number }: LineFacts): string {
  const where = place === undefined ? "nowhere" : `line ${place.offset}`;
  return `${name} ${where}${number === undefined ? "" : ` (sysfs ${number})`}`;
}

function leftover({ name, number, exported }: LineFacts): string {
  const how = exported === undefined ? "" : ` as ${exported.direction}, ${exported.value}`;
  return `${name} is exported in sysfs${number === undefined ? "" : `: gpio${number}`}${how}`;
}
