import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { tell } from "./output.js";

/** Whether there is a desktop that shows a file: on a CI server nobody sits before one. */
const isThere = ({ CI = "", DISPLAY = "", WAYLAND_DISPLAY = "" }: NodeJS.ProcessEnv): boolean =>
  (CI === "" || CI === "false" || CI === "0") && DISPLAY + WAYLAND_DISPLAY !== "";

/** Shows a file by the desktop's own program, and waits for nobody. No shell has a say in it. @returns whether it was tried. */
export function showOnDesktop(file: string, environment = process.env): boolean {
  if (!isThere(environment)) return false;
  // Absolute: a name that begins with a dash is no option then.
  const child = spawn("xdg-open", [resolve(file)], { detached: true, stdio: "ignore", env: environment });
  child.on("error", (error) => tell(`the page is not shown: ${error.message}`));
  child.unref();
  return true;
}
