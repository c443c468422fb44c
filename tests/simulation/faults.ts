/** What goes wrong with one statement. `unheard`: it is carried out, and the connection is lost before the answer. */
export type StatementFault = 'none' | 'lost' | 'unheard' | 'deadlock';

/** How bad things are at the moment; changed by the nemesis while a simulation runs. */
export type Faults = {
  /** Of each statement, and once more of each commit. */
  statement: number;
  commit: number;
  /** Milliseconds that a statement takes on its way, at most. */
  databaseMs: number;
  /** Of each envelope between two nodes. */
  drop: number;
  duplicate: number;
  /** Milliseconds that an envelope takes, at most: they overtake each other. */
  busMs: number;
  /** Milliseconds between a client and its node, at most. */
  clientMs: number;
};

export const calm = (): Faults => ({ statement: 0, commit: 0, databaseMs: 1, drop: 0, duplicate: 0, busMs: 3, clientMs: 20 });

export function statementFault({ statement, commit }: Faults, isCommit: boolean, random: () => number): StatementFault {
  if (random() >= (isCommit ? commit : statement)) return 'none';
  const kind = random();
  if (kind < 0.4) return 'lost';
  return kind < 0.8 ? 'unheard' : 'deadlock';
}
