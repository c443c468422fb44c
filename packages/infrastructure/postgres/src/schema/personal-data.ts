/**
 * The map of personal data: every column of every table, what it says of a person, how it leaves in an export and how an erasure takes it
 * away. Exports and erasures are made from it, and a test holds it against the real schema, so a new column is decided on when it is added.
 */
export type PersonalData = Readonly<Record<string, TableData>>;

/** One table. Columns are listed in words, by name; `account_id` is understood. Each stands in one place. */
export type TableData = Readonly<{
  /** The columns that say whose a row is, each with its rules: a row may concern several people, each in another way. */
  of?: Readonly<Record<string, Concern>>;
  /** Says something of these people. Exported where one of them may see it (`Concern.exported`). */
  personal?: string;
  /** Says something of them, and is never exported: secrets, what is derived from other columns, what others wrote of them. */
  withheld?: string;
  /** Ids of people beside those. Once somebody is erased, theirs leads to nobody. */
  ids?: string;
  /** Says nothing of a person: counters, states, places in an order. */
  plain?: string;
}>;

/** What a row is to the person in one of its columns. */
export type Concern = Readonly<{
  /** What the person is in it, for the other people of the row; the column's name without `_id`, where that says it. */
  called?: string;
  /** A column that always holds something: the planner takes the index for exports and erasures only for queries that say so. */
  via?: string;
  exported?: Exported;
  erased: Erasure;
}>;

export type Exported = Readonly<{
  /** The name of the list in the archive, such as `auditLog`; one list may have rows of several columns. */
  as: string;
  /**
   * The keyset that its pages go by, in words: unique to a row of one person, and never changed. There is an index on the account, the
   * column of the person and these.
   */
  by: string;
  /** A person has no more rows than can be sorted for every page: the index need not hold `by`. */
  few?: true;
  /** Reached through the conversations of the person: the index is on the account, the conversation, the column of the person, and `by`. */
  through?: 'member';
  /** Fields in addition: SQL over the row `t` and the person `$1`. */
  also?: Readonly<Record<string, string>>;
}>;

/**
 * `at once`: in the transaction of the deletion, after which nobody signs in. `soon`: by the job that follows. `at last`: by its last run,
 * when what was held back goes as well.
 */
export type Stage = 'at once' | 'soon' | 'at last';

export type Erasure =
  /** The row goes. */
  | Readonly<{ is: 'deleted'; stage: Stage }>
  /** The row stays, and these columns get these values: SQL over the row. */
  | Readonly<{
      is: 'cleared';
      stage: Stage;
      to: Readonly<Record<string, string>>;
      /** By a statement of the system's own, since the role of the server may not. */
      by?: 'system';
    }>
  /** The application ends it by the rules of its feature, so that others are told. */
  | Readonly<{ is: 'ended'; how: string }>
  | Readonly<{ is: 'kept'; why: string }>;

export const deleted = (stage: Stage = 'soon'): Erasure => ({ is: 'deleted', stage });
export const kept = (why: string): Erasure => ({ is: 'kept', why });
export const ended = (how: string): Erasure => ({ is: 'ended', how });
export const cleared = (to: Readonly<Record<string, string>>, stage: Stage = 'soon'): Erasure => ({ is: 'cleared', stage, to });

export const wordsOf = (words: string | undefined): readonly string[] => words?.split(' ') ?? [];

/** Every column that the map knows of a table. */
export const columnsOf = ({ of = {}, personal, withheld, ids, plain }: TableData): readonly string[] => [
  ...Object.keys(of),
  ...[personal, withheld, ids, plain].flatMap(wordsOf),
];
