/** Arguments that have node run some code before a program, which knows nothing of it. */
export const preloaded = (code: string): string[] => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
