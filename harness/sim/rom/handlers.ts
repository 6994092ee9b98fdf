import { flashHandlers } from "./flash-handlers.js";
import { fuseHandlers } from "./fuse-handlers.js";
import { imageHandlers } from "./image-handlers.js";
import { linkHandlers } from "./link-handlers.js";
import { memoryHandlers } from "./memory-handlers.js";
import type { RomParts } from "./parts.js";
import { registerHandlers } from "./register-handlers.js";
import type { Handlers } from "./session.js";

/** What the boot ROM does on each command. Status codes and checks are those of the sister chips' loaders. */
export const romHandlers = (parts: RomParts): Handlers => ({
  ...linkHandlers(parts),
  ...imageHandlers(parts),
  ...flashHandlers(parts),
  ...registerHandlers(parts),
  ...fuseHandlers(parts),
  ...memoryHandlers(parts),
});
