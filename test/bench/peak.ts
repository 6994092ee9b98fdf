/** Tells on standard error, at the end of a process, how much memory it held at most, in KiB. */
export const TELL_PEAK = `data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))`;

/** What it told there, in MiB. */
export const peakMibIn = (stderr: string): number => Number(/peak (\d+)$/.exec(stderr)?.[1]) / 1024;
