/** Whoever speaks to the module is no more: no step of it goes on, and nothing is cleaned up. */
export class HostDied extends Error {
  override readonly name = "HostDied";

  constructor() {
    super("the host that spoke to the module is dead");
  }
}
