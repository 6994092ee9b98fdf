import fc from "fast-check";

/** The one of this run: `before-all.ts` says which. A property that fails tells it, with the path to its example. */
fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"]) });
