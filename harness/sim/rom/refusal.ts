/** FL and its status: how a handler says no. Never leaves the simulated module. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}
