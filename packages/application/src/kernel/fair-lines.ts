/** What waits, in a line for each key. The keys take turns: one that brings much waits for itself alone. */
export class FairLines<T> {
  /** In the order of their turns; no line is empty. */
  readonly #lines = new Map<string, T[]>();
  #size = 0;

  /** How many wait in all lines. */
  get size(): number {
    return this.#size;
  }

  lengthOf(key: string): number {
    return this.#lines.get(key)?.length ?? 0;
  }

  add(key: string, item: T): void {
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, [item]);
    else line.push(item);
    this.#size += 1;
  }

  /** Takes the first of the key whose turn it is, which then goes to the end of the round. */
  next(): T | undefined {
    const { value, done } = this.#lines.entries().next();
    if (done === true) return undefined;
    const [key, line] = value;
    const item = line.shift();
    this.#size -= 1;
    this.#lines.delete(key);
    if (line.length > 0) this.#lines.set(key, line);
    return item;
  }

  /**
   * Takes the last of the longest line, to make room for one more of `key`; undefined where that line would be no shorter than its own.
   * Lines whose first item may not give way are passed over.
   */
  giveWay(key: string, may: (first: T) => boolean = () => true): T | undefined {
    const longest = this.#longerFor(key, may);
    if (longest !== undefined) this.#size -= 1;
    return longest?.pop();
  }

  /** Whether anything would give way to one more of `key`. */
  wouldGiveWay(key: string): boolean {
    return this.#longerFor(key, () => true) !== undefined;
  }

  #longerFor(key: string, may: (first: T) => boolean): T[] | undefined {
    let longest: T[] = [];
    for (const line of this.#lines.values()) {
      const [first] = line;
      if (first !== undefined && line.length > longest.length && may(first)) longest = line;
    }
    return longest.length > this.lengthOf(key) + 1 ? longest : undefined;
  }

  /** Takes everything that waits. */
  clear(): T[] {
    const all = [...this.#lines.values()].flat();
    this.#lines.clear();
    this.#size = 0;
    return all;
  }
}
