import { mkdirSync, writeFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { loadRig } from "../../../rigs/file/load.js";
import { scratch } from "../../support/scratch.js";
import { workingIn } from "../../support/working-in.js";
import { rigFile } from "../rig-file.js";
import { BENCH, mistakesOf, thrownBy } from "../support.js";

test("the contract's example is what it says", () => {
  const rig = loadRig(rigFile(BENCH));
  expect(rig.straps.boot).toEqual({ bcm: 17, active: "high" });
  expect(rig.straps.ready).toEqual({ bcm: 23, active: "high" });
  expect(rig.spi).toEqual({
    driver: "spidev",
    path: "/dev/spidev0.0",
    speedHz: 10_000_000,
    cs: { bcm: 8, active: "high" },
  });
  expect(rig.module?.chipId).toBe("40827b037742");
  expect(rig.reference).toEqual({ profile: "t02", fwVersion: "2.0.106" });
  expect(rig.sim.chipId).toBe("40827b037742");
});

test("what a file leaves out has the contract's defaults, and what has none stays away", () => {
  const rig = loadRig("sim");
  expect(rig).toEqual({
    name: "sim",
    labels: [],
    reference: { profile: "t02", fwVersion: "2.0.106" },
    straps: { driver: "sim" },
    spi: { driver: "sim", speedHz: 10_000_000 },
    serial: { driver: "sim", bootBaud: 500_000, loadBaud: 2_000_000, readBytes: 2048, writeBytes: 2048 },
    timing: {
      resetMs: 100,
      strapHoldMs: 100,
      powerOffMs: 500,
      bootMs: 4000,
      greetMs: 25,
      settleMs: 10,
      rateSettleMs: 10,
    },
    safeState: { boot: "released", chipEn: "released", power: "on" },
    bootProof: ["banner"],
    allow: { efuse: false, unlocked: false },
    wear: { eraseBudget: 50_000 },
    sim: expect.objectContaining({ contents: "factory", chipId: "40827b037742", link: { maxBaud: 3_000_000 } }),
  });
});

test.each([
  ["{ bcm: 17, active: low }", { bcm: 17, active: "low" }],
  ["{ chip: pinctrl-bcm2711, offset: 17 }", { chip: "pinctrl-bcm2711", offset: 17, active: "high" }],
  ["{ sysfs: 529 }", { sysfs: 529, active: "high" }],
])("boot: %s", (text, line) => {
  expect(loadRig(rigFile(BENCH.replace("{ bcm: 17, active: high }", text))).straps.boot).toEqual(line);
});

test("every driver is known to the schema", () => {
  const modem = "straps: { driver: modem, boot: { line: rts, active: low }, chipEn: { line: dtr, active: low } }";
  for (const straps of [
    modem,
    "straps: { driver: manual }",
    "straps: { driver: none }",
    "straps: { driver: socket, path: /tmp/s }",
  ]) {
    expect(loadRig(rigFile(`name: a\n${straps}\nserial: { path: /dev/x, loadBaud: auto }`)).serial.driver).toBe("port");
  }
  const chardev = "straps: { driver: chardev, boot: { bcm: 1 }, chipEn: { chip: gpiochip0, offset: 2 } }";
  expect(loadRig(rigFile(`name: a\n${chardev}\nserial: { driver: sim }`)).serial.driver).toBe("sim");
});

test.each([["123456789012"], ["40827e037742"], ["012345678901"]])("a chip id of digits stays text: %s", (chipId) => {
  const file = rigFile(
    `name: 1e5\nlabels: [2.10]\nstraps: {driver: sim}\nmodule: { chipId: ${chipId} }\nsim: { jedec: 856014 }`,
  );
  expect(loadRig(file)).toMatchObject({ name: "1e5", labels: ["2.10"], module: { chipId }, sim: { jedec: "856014" } });
});

test("all mistakes at once, each with its place", () => {
  const file = rigFile(`nmae: bench
straps:
  driver: onof
  boot: { bcm: 17, active: hihg }
  chipEn: { bcm: 99, sysfs: 3 }
serial:
  driver: port
  bootBaud: fast
  bootBaud: 0
timing: { resetMs: -1 }
bootProof: []
bootProff: [banner]
module: { chipId: 40827b03774 }
allow: yes
sim:
  chipId: 12
  link: { maxbaud: 1 }
`);
  expect(mistakesOf(() => loadRig(file))).toEqual([
    "bench.yaml:1:1: name: expected text; found nothing",
    'bench.yaml:1:1: nmae: expected a known field (did you mean name?); found the unknown field "nmae"',
    'bench.yaml:3:11: straps.driver: expected one of onoff, chardev, modem, manual, none, socket, sim (did you mean onoff?); found "onof"',
    'bench.yaml:4:28: straps.boot.active: expected one of high, low (did you mean high?); found "hihg"',
    "bench.yaml:5:18: straps.chipEn.bcm: expected at most 53; found 99",
    "bench.yaml:6:1: serial.path: expected path of a serial port, with the driver port; found nothing",
    "bench.yaml:9:3: serial.bootBaud: expected each field once; found a second bootBaud",
    "bench.yaml:9:13: serial.bootBaud: expected at least 1; found 0",
    "bench.yaml:10:20: timing.resetMs: expected at least 0; found -1",
    "bench.yaml:11:1: bootProof: expected at least 1 in the list; found an empty list",
    'bench.yaml:12:1: bootProff: expected a known field (did you mean bootProof?); found the unknown field "bootProff"',
    'bench.yaml:13:19: module.chipId: expected 12 hex digits; found "40827b03774"',
    'bench.yaml:14:8: allow: expected a group of fields; found "yes"',
    "bench.yaml:16:11: sim.chipId: expected 12 hex digits; found 12",
    'bench.yaml:17:11: sim.link.maxbaud: expected a known field (did you mean maxBaud?); found the unknown field "maxbaud"',
  ]);
});

test("drivers without what they need", () => {
  const need = (straps: string) =>
    mistakesOf(() => loadRig(rigFile(`name: a\nstraps: ${straps}\nserial: { path: /dev/x }`)));
  expect(need("{ driver: onoff }")).toHaveLength(2);
  expect(need("{ driver: socket }")).toEqual([
    "bench.yaml:2:1: straps.path: expected path of a socket, with the driver socket; found nothing",
  ]);
  expect(need("{ driver: modem, boot: { bcm: 1 }, chipEn: { line: dtr } }")).toEqual([
    "bench.yaml:2:26: straps.boot: expected { line: rts } or { line: dtr }, with the driver modem; found a group of fields",
  ]);
  expect(need("{ driver: onoff, boot: { bcm: 1, sysfs: 2 }, chipEn: { chip: x } }")).toEqual([
    "bench.yaml:2:26: straps.boot: expected exactly one of: bcm; chip with offset; sysfs; line; found a group of fields",
    "bench.yaml:2:54: straps.chipEn: expected exactly one of: bcm; chip with offset; sysfs; line; found a group of fields",
  ]);
});

test.each([
  ["boot: { bcm: 17 }, chipEn: { bcm: 17, active: low }", "straps.chipEn.bcm", "straps.boot", "17"],
  ["boot: { bcm: 1 }, chipEn: { bcm: 2 }, power: { bcm: 0x2 }", "straps.power.bcm", "straps.chipEn", "0x2"],
  ["boot: { bcm: 1 }, chipEn: { bcm: 2 }, ready: { bcm: 1 }", "straps.ready.bcm", "straps.boot", "1"],
  ["boot: { sysfs: 529 }, chipEn: { sysfs: 529 }", "straps.chipEn.sysfs", "straps.boot", "529"],
  ["boot: { chip: a, offset: 3 }, chipEn: { chip: a, offset: 3 }", "straps.chipEn.offset", "straps.boot", "3"],
  ["boot: { bcm: 3 }, chipEn: { chip: pinctrl-rp1, offset: 3 }", "straps.chipEn.offset", "straps.boot", "3"],
  ["boot: { chip: pinctrl-bcm2711, offset: 3 }, chipEn: { bcm: 3 }", "straps.chipEn.bcm", "straps.boot", "3"],
])("two lines on one pin: %s", (lines, at, other, value) => {
  const file = rigFile(`name: a\nserial: { path: /dev/x }\nstraps:\n  { driver: onoff, ${lines} }`);
  expect(mistakesOf(() => loadRig(file))).toEqual([
    expect.stringMatching(new RegExp(`:4:\\d+: ${at}: expected a line that ${other} leaves; found ${value}$`)),
  ]);
});

test("every line that shares a pin is told; the same number on another chip is another pin", () => {
  const load = (lines: string) =>
    loadRig(rigFile(`name: a\nserial: { path: /dev/x }\nstraps: { driver: onoff, ${lines} }`));
  const all = "boot: { bcm: 3 }, chipEn: { bcm: 3 }, power: { bcm: 3 }, ready: { bcm: 3 }";
  expect(mistakesOf(() => load(all))).toHaveLength(3);
  expect(load("boot: { chip: a, offset: 3 }, chipEn: { chip: b, offset: 3 }, power: { bcm: 3 }").name).toBe("a");
  expect(mistakesOf(() => loadRig("sim", ["straps.boot={ bcm: 4 }", "straps.chipEn={ bcm: 4 }"]))).toEqual([
    "--set straps.chipEn={ bcm: 4 }: straps.chipEn.bcm: expected a line that straps.boot leaves; found 4",
  ]);
});

test("a rig that is to see SPI_RDY needs a driver with inputs, and the line", () => {
  const need = (straps: string) =>
    mistakesOf(() => loadRig(rigFile(`name: a\nbootProof: [ready]\nstraps: ${straps}\nserial: { path: /dev/x }`)));
  expect(need("{ driver: onoff, boot: { bcm: 1 }, chipEn: { bcm: 2 } }")).toEqual([
    "bench.yaml:3:1: straps.ready: expected the line of SPI_RDY, with bootProof ready; found nothing",
  ]);
  expect(need("{ driver: manual }")).toEqual([
    "bench.yaml:2:1: bootProof: expected banner or none: the driver manual reads no input; found a list",
  ]);
});

test("SPI: drivers without what they need", () => {
  const need = (straps: string, spi: string, more = "") =>
    mistakesOf(() => loadRig(rigFile(`name: a\n${more}spi: ${spi}\nstraps: ${straps}\nserial: { path: /dev/x }`)));
  const lines = "boot: { bcm: 1 }, chipEn: { bcm: 2 }";
  const ready = `${lines}, ready: { bcm: 3 }`;
  const spidev = "driver: spidev, path: /dev/spidev0.0";
  expect(need(`{ driver: onoff, ${lines} }`, "{ driver: spidev }")).toEqual([
    "bench.yaml:2:1: spi.path: expected path of an SPI device, with the driver spidev; found nothing",
    "bench.yaml:2:1: spi.cs: expected { bcm }, { chip, offset } or { sysfs }, with the driver spidev and straps.driver onoff; found nothing",
    "bench.yaml:3:1: straps.ready: expected the line of SPI_RDY, with spi.driver spidev; found nothing",
  ]);
  expect(need(`{ driver: chardev, ${ready} }`, `{ ${spidev}, cs: { sysfs: 8 } }`)).toEqual([
    expect.stringMatching(
      /spi\.cs: expected \{ bcm \} or \{ chip, offset \}, with the driver spidev and straps.driver/,
    ),
  ]);
  expect(need(`{ driver: onoff, ${ready} }`, `{ ${spidev}, cs: { bcm: 3 } }`)).toEqual([
    expect.stringMatching(/spi\.cs\.bcm: expected a line that straps\.ready leaves; found 3$/),
  ]);
  expect(need("{ driver: none }", "{ driver: socket }")).toEqual([
    "bench.yaml:2:1: spi.path: expected path of a socket, with the driver socket; found nothing",
  ]);
  expect(need("{ driver: manual }", `{ ${spidev} }`)).toEqual([
    'bench.yaml:2:16: spi.driver: expected no spi: spidev goes with straps.driver onoff or chardev; found "spidev"',
  ]);
  expect(need("{ driver: sim }", "{ driver: socket, path: s }")).toEqual([
    'bench.yaml:2:16: spi.driver: expected sim, or no spi: socket goes with straps.driver socket or none; found "socket"',
  ]);
  expect(need("{ driver: none }", "{ driver: spidef, speedHz: 40000001, csLow: 1 }")).toEqual([
    expect.stringMatching(
      /spi\.driver: expected one of spidev, sim, socket \(did you mean spidev\?\); found "spidef"$/,
    ),
    expect.stringMatching(/spi\.speedHz: expected at most 40000000; found 40000001$/),
    expect.stringMatching(/spi\.csLow: expected .*; found the unknown field "csLow"$/),
  ]);
});

test("a boot that AT is to prove needs SPI; a socket's SPI_RDY comes with its SPI", () => {
  const file = (proof: string, more = "") =>
    rigFile(`name: a\nbootProof: [${proof}]\nstraps: { driver: none }\nserial: { path: /dev/x }\n${more}`);
  expect(mistakesOf(() => loadRig(file("at")))).toEqual([
    "bench.yaml:1:1: spi: expected the wires of the module's host interface, with bootProof at; found nothing",
  ]);
  expect(loadRig(file("at, ready", "spi: { driver: socket, path: /tmp/s }")).bootProof).toEqual(["at", "ready"]);
});

test("a simulated rig's SPI goes away with its lines, unless a set wants it", () => {
  expect(loadRig("sim").spi).toEqual({ driver: "sim", speedHz: 10_000_000 });
  const none = ["straps.driver=none", "serial.path=/dev/x"];
  expect(loadRig("sim", none).spi).toBeUndefined();
  expect(loadRig("sim", ["straps={ driver: none }", "serial.path=/dev/x"]).spi).toBeUndefined();
  expect(loadRig("sim", [...none, "spi={ driver: socket, path: /tmp/s }"]).spi?.driver).toBe("socket");
  for (const set of ["spi.driver=sim", "spi.speedHz=5"]) {
    expect(mistakesOf(() => loadRig("sim", [...none, set])).join()).toMatch(
      /spi\.driver: expected socket, or no spi: sim/,
    );
  }
});

test("what is empty is expected to be text", () => {
  expect(mistakesOf(() => loadRig("sim", ["sim.state=''", 'bootProof=""']))).toEqual([
    '--set bootProof="": bootProof: expected a list; found ""',
    "--set sim.state='': sim.state: expected text that is not empty; found \"\"",
  ]);
});

test("a tab is named, and the rest is still read", () => {
  const tab = rigFile("name: a\nstraps:\n\tdriver: sims\n");
  expect(mistakesOf(() => loadRig(tab))).toEqual([
    "bench.yaml:3:1: expected spaces as indentation; found a tab",
    expect.stringContaining("bench.yaml:3:10: straps.driver: expected one of"),
  ]);
});

test.each([
  ["", ":1:1: expected a group of fields; found nothing"],
  ["- a", ":1:1: expected a group of fields; found a list"],
  ["name: *x", ":1:7: name: expected an anchor &x above it; found *x"],
  ["name: &x [*x]", "found more, counting aliases"],
  ["name: [1", ":1:9: expected YAML; found"],
  ["name: !t b\nstraps: {driver: sim}", ":1:7: expected YAML; found unresolved tag: !t"],
  ["name: a\nstraps: {driver: sim}\n__proto__: 1", 'found the unknown field "__proto__"'],
])("%j is told, not thrown about", (text, told) => {
  expect(mistakesOf(() => loadRig(rigFile(text))).join("\n")).toContain(told);
});

test("--set replaces one field, under the same schema", () => {
  const rig = loadRig("sim", [
    "sim.link.maxBaud=1000000",
    "sim.state=/tmp/a=b.img",
    "bootProof=[none]",
    "sim.wiring.boot=open",
    "module.chipId=123456789012",
    "labels.0=x: y",
    "labels.1=7",
    "sim.flash={ pageMs: 1 }",
    "sim.link.maxBaud=500000",
  ]);
  expect(rig).toMatchObject({
    sim: {
      link: { maxBaud: 500_000 },
      state: "/tmp/a=b.img",
      wiring: { boot: "open" },
      flash: { pageMs: 1, chipEraseMs: 6.3 },
    },
    bootProof: ["none"],
    module: { chipId: "123456789012" },
    labels: ["x: y", "7"],
  });
});

test("a wrong --set is told as such, beside the file's own mistakes", () => {
  const file = rigFile("name: a\nstraps: {driver: sim, path: 5}\nallow: {efuse: 1}\n");
  const sets = [
    "sim.lnik.maxBaud=1",
    "sim.link.maxBaud=fast",
    "straps",
    "a..b=1",
    "labels.x=1",
    "labels=[a]",
    "labels.2=1",
    "sim.state=[",
    "name.x=1",
  ];
  expect(mistakesOf(() => loadRig(file, sets))).toEqual([
    "bench.yaml:3:16: allow.efuse: expected true or false; found 1",
    '--set straps: expected path=value, as in sim.link.maxBaud=1000000; found "straps"',
    '--set a..b=1: expected path=value, as in sim.link.maxBaud=1000000; found "a..b=1"',
    '--set labels.2=1: labels.2: expected an index from 0 to 1; found "2"',
    "--set sim.state=[: sim.state: expected YAML; found flow sequence must end with a ]",
    "--set name.x=1: name: expected text; found a group of fields",
    '--set sim.link.maxBaud=fast: sim.link.maxBaud: expected a number; found "fast"',
    '--set sim.lnik.maxBaud=1: sim.lnik: expected a known field (did you mean link?); found the unknown field "lnik"',
  ]);
});

test("a set reaches no prototype", () => {
  expect(mistakesOf(() => loadRig("sim", ["__proto__.polluted=1", "sim.constructor.x=1"]))).toHaveLength(2);
  expect({}).not.toHaveProperty("polluted");
});

test("a comment in any encoding does no harm; a value or a name that is no text is refused with its place", () => {
  using folder = scratch();
  const file = folder.file("a.yaml");
  const load = (text: string, encoding: BufferEncoding) => {
    writeFileSync(file, Buffer.from(text, encoding));
    return loadRig(file);
  };
  expect(load("# für\nname: bench # für\nstraps: { driver: sim }\n", "latin1").name).toBe("bench");
  expect(load("\uFEFFname: bänch\nstraps: { driver: sim }\n", "utf16le").name).toBe("bänch");
  expect(thrownBy(() => load("name: bench\nlabels: [a, für]\nstraps: { driver: sim }\n", "latin1"))).toMatchObject({
    code: "RIG_INVALID",
    message: `${file}: 1 mistake\n  ${file}:2:13: labels.1: expected text in UTF-8; found the byte 0xFC, which is no UTF-8`,
  });
  expect(thrownBy(() => load("name: bench\nstraps: { driver: sim }\n", "utf16le"))).toMatchObject({
    code: "FILE_UNREADABLE",
    message: `${file}: expected a rig file in UTF-8, got UTF-16LE without a byte order mark`,
  });
});

test("a name is looked for under rigs/, then among the package's rigs, then in the current folder", () => {
  using folder = scratch();
  using _ = workingIn(folder.path);
  writeFileSync("sim.yaml", "name: no default\nstraps: { driver: sim }\n");
  expect(loadRig("sim").name).toBe("sim");
  mkdirSync("rigs");
  writeFileSync("rigs/sim.yaml", "name: mine\nstraps: { driver: sim }\n");
  expect(loadRig("sim").name).toBe("mine");
  expect(loadRig("rigs/sim.yaml").name).toBe("mine");
  expect(thrownBy(() => loadRig("sin"))).toMatchObject({
    code: "FILE_UNREADABLE",
    message: expect.stringContaining("did you mean sim?"),
  });
  writeFileSync("bench-1.yaml", "name: here\nstraps: { driver: sim }\n");
  expect(loadRig("bench-1").name).toBe("here");
  expect(thrownBy(() => loadRig("bnech-1"))).toMatchObject({
    message: expect.stringContaining("did you mean bench-1?"),
  });
  writeFileSync("rigs/bench-1.yaml", "name: under rigs\nstraps: { driver: sim }\n");
  expect(loadRig("bench-1").name).toBe("under rigs");
  expect(thrownBy(() => loadRig("./sim"))).toMatchObject({ code: "FILE_UNREADABLE" });
  expect(thrownBy(() => loadRig("rigs/.."))).toMatchObject({ code: "FILE_UNREADABLE" });
});

test("a relative path begins where its file lies, and with --set where the user stands", () => {
  using folder = scratch();
  mkdirSync(folder.file("benches"));
  const file = folder.file("benches/desk.yaml");
  writeFileSync(
    file,
    "name: desk\nserial: { driver: port, path: ./ncp }\nstraps: { driver: socket, path: lines }\nsim: { state: ../m.img }\n" +
      "spi: { driver: socket, path: spi }\n",
  );
  const { serial, straps, spi, sim } = loadRig(file);
  expect([serial.path, straps.path, spi?.path, sim.state, sim.contents]).toEqual([
    folder.file("benches/ncp"),
    folder.file("benches/lines"),
    folder.file("benches/spi"),
    folder.file("m.img"),
    "factory",
  ]);
  const set = loadRig(file, ["serial.path=./ncp", "sim.contents=blank"]);
  expect([set.serial.path, set.sim.contents]).toEqual(["./ncp", "blank"]);
});
