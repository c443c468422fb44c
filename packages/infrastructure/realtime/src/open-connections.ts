import { networkOf } from '@coucou/application/kernel/network-of';

/** Connections open at once by the network that they came from, whether anybody is signed in or not. */
export class OpenConnections<Link extends object> {
  readonly #most: number;
  readonly #networks = new Map<Link, string>();
  readonly #counts = new Map<string, number>();

  constructor(most = Infinity) {
    this.#most = most;
  }

  /** False where the network has as many as it may. */
  enter(link: Link, address: string): boolean {
    const network = networkOf(address);
    const count = this.#counts.get(network) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(network, count + 1);
    this.#networks.set(link, network);
    return true;
  }

  leave(link: Link): void {
    const network = this.#networks.get(link);
    if (network === undefined) return;
    this.#networks.delete(link);
    const count = (this.#counts.get(network) ?? 0) - 1;
    if (count > 0) this.#counts.set(network, count);
    else this.#counts.delete(network);
  }

  get networks(): number {
    return this.#counts.size;
  }
}
