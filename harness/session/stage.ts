/** One stage of what was done with a module, with its duration on the rig's clock. */
export interface Stage {
  readonly stage: string;
  readonly ms: number;
  /** Bytes of flash that it was about, where there are some. */
  readonly bytes?: number;
}

/** Who is told of stages as they end, and of progress within one. */
export interface Observer {
  stage(stage: Stage): void;
  /** `done` of `total` bytes of what `stage` is about. */
  progress?(stage: string, done: number, total: number): void;
  /** Something worth saying that fails nothing. */
  note?(message: string): void;
}

export const SILENT: Observer = { stage: () => undefined };
