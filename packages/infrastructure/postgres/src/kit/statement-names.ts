/** A statement is prepared when it is sent for the fifth time: a rare one is not worth a plan that stays. */
const THRESHOLD = 5;
/** Each connection keeps a plan for each name. */
const MOST_NAMED = 256;
/** Of statements that are not prepared yet; the least recently used are forgotten. */
const MOST_COUNTED = 1_024;
const GIVEN = 'repeated-';
/** Whether it was given here, and says nothing of the statement. */
export const isGivenName = (name: string): boolean => name.startsWith(GIVEN);
/** Kysely's lists of values, and of rows: each length of a list is another text, and a plan of its own. */
const LIST = /\bin \(\$|\), \(\$/;

/**
 * Names for the statements of a pool that repeat. PostgreSQL parses and plans a statement without a name each time, and one with a name once
 * per connection; pgjdbc's `prepareThreshold` does the same.
 */
export function createStatementNames() {
  let names = new Map<string, string>();
  let given = 0;
  const uses = new Map<string, number>();

  return {
    /** Undefined: not prepared. */
    nameOf(text: string): string | undefined {
      const known = names.get(text);
      if (known !== undefined) return known;
      if (names.size >= MOST_NAMED || LIST.test(text)) return undefined;
      const count = (uses.get(text) ?? 0) + 1;
      // Behind the others: the first is the one that was not sent for the longest time.
      uses.delete(text);
      if (count >= THRESHOLD) {
        const name = `${GIVEN}${(given += 1)}`;
        names.set(text, name);
        return name;
      }
      uses.set(text, count);
      const [oldest] = uses.keys();
      if (uses.size > MOST_COUNTED && oldest !== undefined) uses.delete(oldest);
      return undefined;
    },
    /** After a change of the schema, plans of any connection may be stale: no name is used again. */
    forget(): void {
      names = new Map();
    },
  };
}
