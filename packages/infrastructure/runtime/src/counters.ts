import type { Counters } from '@coucou/application/ports/counters';

export type MemoryCounters = Counters & Readonly<{ read: () => Readonly<Record<string, number>> }>;

/** Counts since the start of the process, as `name{label="value"}`. */
export function createCounters(): MemoryCounters {
  const counts = new Map<string, number>();
  return {
    add(name, labels = {}, by = 1) {
      const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const key = pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    read: () => Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
