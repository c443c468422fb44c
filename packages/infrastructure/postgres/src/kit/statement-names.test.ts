import { describe, expect, it } from 'vitest';
import { createStatementNames } from './statement-names.ts';

const sent = ({ nameOf }: ReturnType<typeof createStatementNames>, text: string, times: number) =>
  Array.from({ length: times }, () => nameOf(text));

describe('names of repeated statements', () => {
  it('are given from the fifth time on, each its own', () => {
    const names = createStatementNames();
    const [first, second] = [sent(names, 'select 1', 6), sent(names, 'select 2', 6)];
    expect(first.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(first[4]).toBeDefined();
    expect(first[5]).toBe(first[4]);
    expect(second[4]).not.toBe(first[4]);
  });

  it('are not used again once they are forgotten', () => {
    const names = createStatementNames();
    const [before] = sent(names, 'select 1', 5).slice(-1);
    names.forget();
    expect(names.nameOf('select 1')).toBeUndefined();
    const [after] = sent(names, 'select 1', 5).slice(-1);
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
  });

  it('are not given to lists, of which each length is another statement', () => {
    const names = createStatementNames();
    for (const text of ['select 1 where "id" in ($1, $2)', 'insert into "t" ("a", "b") values ($1, $2), ($3, $4)'])
      expect(sent(names, text, 9)).toEqual(Array.from({ length: 9 }, () => undefined));
    expect(sent(names, 'insert into "t" ("a", "b") values ($1, $2)', 5)[4]).toBeDefined();
  });

  it('are bounded, whatever is sent', () => {
    const names = createStatementNames();
    for (let at = 0; at < 5_000; at += 1) sent(names, `select ${at}`, 6);
    const given = new Set(Array.from({ length: 5_000 }, (_, at) => names.nameOf(`select ${at}`)));
    given.delete(undefined);
    expect(given.size).toBe(256);
  });

  it('count what is sent now and then, though many others are sent once', () => {
    const names = createStatementNames();
    for (let at = 0; at < 2_000; at += 1) {
      names.nameOf(`select ${at}`);
      if (at % 500 === 0) names.nameOf('select now()');
    }
    expect(names.nameOf('select now()')).toBeDefined();
  });
});
