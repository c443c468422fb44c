import { networkOf } from '@coucou/application/kernel/network-of';

/** At most so many: on this node, and of one network; absent: any number. */
export type MostOpen = Readonly<{ ofNode?: number | undefined; ofNetwork?: number | undefined }>;

/** Connections of some kind that are open at once, by the network that they came from. */
export class OpenConnections<Link extends object> {
  readonly #most: MostOpen;
  readonly #networks = new Map<Link, string>();
  readonly #counts = new Map<string, number>();

  constructor(most: MostOpen = {}) {
    this.#most = most;
  }

  /** Why one more from this address does not fit, if it does not. */
  obstacle(address: string): 'node' | 'network' | undefined {
    const { ofNode = Infinity, ofNetwork = Infinity } = this.#most;
    // First what the caller can do something about.
    if ((this.#counts.get(networkOf(address)) ?? 0) >= ofNetwork) return 'network';
    return this.#networks.size >= ofNode ? 'node' : undefined;
  }

  /** False where it does not fit. */
  enter(link: Link, address: string): boolean {
    if (this.obstacle(address) !== undefined) return false;
    const network = networkOf(address);
    this.#counts.set(network, (this.#counts.get(network) ?? 0) + 1);
    this.#networks.set(link, network);
    return true;
  }

  has(link: Link): boolean {
    return this.#networks.has(link);
  }

  leave(link: Link): void {
    const network = this.#networks.get(link);
    if (network === undefined) return;
    this.#networks.delete(link);
    const count = (this.#counts.get(network) ?? 0) - 1;
    if (count > 0) this.#counts.set(network, count);
    else this.#counts.delete(network);
  }

  get size(): number {
    return this.#networks.size;
  }

  get networks(): number {
    return this.#counts.size;
  }
}
