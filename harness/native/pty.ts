import { closeSync, constants, openSync } from "node:fs";
import { HarnessError } from "../base/errors.js";
import { glibc } from "./library.js";

/** Nobody's controlling terminal, not inherited by children; `O_CLOEXEC` is not among node's constants. */
const OPEN_FLAGS = constants.O_RDWR | constants.O_NOCTTY;
const MASTER_FLAGS = OPEN_FLAGS | constants.O_NONBLOCK | 0o2_000_000;
const NAME_BYTES = 64;
/** Room for glibc's `termios`, which has 60. */
const TERMIOS_BYTES = 128;
const TCSANOW = 0;
/** The request and the layout of the kernel's `termios2` on x86 and ARM: four words of flags, 20 bytes, two rates. */
const TCGETS2 = 0x802c_542a;
const TERMIOS2_BYTES = 44;
const OUTPUT_RATE_AT = 40;

interface Libc {
  openMaster(flags: number): number;
  grant(master: number): number;
  unlock(master: number): number;
  nameOf(master: number, name: Uint8Array, bytes: number): number;
  getTermios(fd: number, termios: Uint8Array): number;
  makeRaw(termios: Uint8Array): void;
  setTermios(fd: number, when: number, termios: Uint8Array): number;
  ioctl(fd: number, request: number, type: "void *", argument: Uint8Array): number;
  errno(): number;
}

const libc = glibc(
  "Pseudo-terminals need Linux with glibc, as on Debian and Raspberry Pi OS.",
  (library, koffi): Libc => ({
    openMaster: library.func("posix_openpt", "int", ["int"]),
    grant: library.func("grantpt", "int", ["int"]),
    unlock: library.func("unlockpt", "int", ["int"]),
    nameOf: library.func("ptsname_r", "int", ["int", "void *", "size_t"]),
    getTermios: library.func("tcgetattr", "int", ["int", "void *"]),
    makeRaw: library.func("cfmakeraw", "void", ["void *"]),
    setTermios: library.func("tcsetattr", "int", ["int", "int", "void *"]),
    ioctl: library.func("ioctl", "int", ["int", "unsigned long", "..."]),
    errno: () => koffi.errno(),
  }),
);

/** Both ends of a pseudo-terminal, as file descriptors that whoever opened it closes. */
export interface Pty {
  /** Non-blocking. */
  readonly master: number;
  /** Kept open by us: else the master sees an error whenever a client closes the port. */
  readonly slave: number;
  /** The slave's device, for clients. */
  readonly path: string;
}

/**
 * Opens a pseudo-terminal that is raw from the first byte on.
 *
 * @throws HarnessError DRIVER_MISSING where the system gives none.
 */
export function openPty(): Pty {
  const { openMaster, grant, unlock, nameOf, errno } = libc();
  const master = openMaster(MASTER_FLAGS);
  if (master < 0) throw refused("posix_openpt", errno());
  try {
    if (grant(master) !== 0) throw refused("grantpt", errno());
    if (unlock(master) !== 0) throw refused("unlockpt", errno());
    const name = Buffer.alloc(NAME_BYTES);
    const failure = nameOf(master, name, name.length);
    if (failure !== 0) throw refused("ptsname_r", failure);
    const path = name.toString("latin1", 0, name.indexOf(0));
    const slave = openSync(path, OPEN_FLAGS);
    makeRaw(slave);
    return { master, slave, path };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

function makeRaw(slave: number): void {
  const { getTermios, makeRaw, setTermios, errno } = libc();
  const termios = new Uint8Array(TERMIOS_BYTES);
  const done = getTermios(slave, termios) === 0;
  makeRaw(termios);
  if (done && setTermios(slave, TCSANOW, termios) === 0) return;
  const failure = errno();
  closeSync(slave);
  throw refused("tcsetattr", failure);
}

/** The rate in baud that the slave's client has set, as its own end shows it; 38 400 before anybody has; 0: hung up. */
export function clientBaud(master: number): number {
  const termios = new Uint8Array(TERMIOS2_BYTES);
  const { ioctl, errno } = libc();
  if (ioctl(master, TCGETS2, "void *", termios) !== 0) throw refused("TCGETS2", errno());
  return new DataView(termios.buffer).getUint32(OUTPUT_RATE_AT, true);
}

const refused = (call: string, errno: number): HarnessError =>
  new HarnessError("DRIVER_MISSING", `${call}: expected a pseudo-terminal, got errno ${errno}`, {
    advice: "Check that /dev/ptmx and /dev/pts are there and may be used: see mount(8), devpts.",
  });
