/** Ids of the newest mails that were taken over: a group of events that is delivered again sends none of them twice. */
export function createTaken(most = 10_000) {
  const ids = new Set<string>();
  return {
    has: (id: string): boolean => ids.has(id),
    add(id: string): void {
      ids.add(id);
      const [oldest] = ids;
      if (ids.size > most && oldest !== undefined) ids.delete(oldest);
    },
  };
}
