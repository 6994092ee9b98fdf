import type { Scenario } from "../harness/run/index.js";
import atBasics from "./at-basics.js";
import badTables from "./bad-tables.js";
import bootWithoutStrap from "./boot-without-strap.js";
import boot2Erased from "./boot2-erased.js";
import crossFlash from "./cross-flash.js";
import damagedImage from "./damaged-image.js";
import flashAndBoot from "./flash-and-boot.js";
import hotFlash from "./hot-flash.js";
import identify from "./identify.js";
import interrupt from "./interrupt.js";
import longIdle from "./long-idle.js";
import noisyLine from "./noisy-line.js";
import ota from "./ota.js";
import otaBrokenOff from "./ota-broken-off.js";
import otaOtherProfile from "./ota-other-profile.js";
import otaRefused from "./ota-refused.js";
import otaThenFlash from "./ota-then-flash.js";
import powerCut from "./power-cut.js";
import randomPowerCut from "./random-power-cut.js";
import readyTime from "./ready-time.js";
import reflash from "./reflash.js";
import refusedImage from "./refused-image.js";
import resets from "./resets.js";
import roundTrip from "./round-trip.js";
import sameIdentity from "./same-identity.js";
import spiFrames from "./spi-frames.js";
import staleTable from "./stale-table.js";
import strapTiming from "./strap-timing.js";
import straplessEntry from "./strapless-entry.js";
import t01Quirk from "./t01-quirk.js";

/** What brings wrong contents on purpose, and leaves a good firmware behind. */
const WRONG_CONTENTS = [
  boot2Erased,
  badTables,
  staleTable,
  damagedImage,
  refusedImage,
  straplessEntry,
] as readonly Scenario[];

/** Cycles of one of them, again and again, tell how often a module does not come back. */
const STRESS = [roundTrip, randomPowerCut, noisyLine, hotFlash, longIdle] as readonly Scenario[];

/** The firmware at work, over its host interface. */
const FUNCTIONAL = [atBasics, sameIdentity, readyTime, spiFrames, resets] as readonly Scenario[];

/** Updates over the air, and what is left of those that go wrong. */
const OTA = [ota, otaOtherProfile, otaRefused, otaBrokenOff, otaThenFlash] as readonly Scenario[];

/** The scenarios that ship with the package, in the order in which they run: what breaks all comes first. */
export const SCENARIOS: readonly Scenario[] = [
  identify,
  bootWithoutStrap,
  flashAndBoot,
  reflash,
  crossFlash,
  interrupt,
  powerCut,
  t01Quirk,
  strapTiming,
  ...WRONG_CONTENTS,
  ...STRESS,
  ...FUNCTIONAL,
  ...OTA,
];
