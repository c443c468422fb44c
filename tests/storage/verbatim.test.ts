import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EnginePools, engines } from './engines.ts';

describe.each(engines)('text on %s', (_, open) => {
  let engine: EnginePools;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  it('is answered as it was stored, whatever it begins with', async () => {
    const marks = fc.constantFrom('\ufeff', '"', '\\', '{', '}', ',', ' ', '\n', '\u0001', '\u{10ffff}');
    const texts = [
      '\ufeff',
      '\ufeff\ufeff',
      'a\ufeff',
      '\ufeff{}',
      '\ufeffnull',
      ...fc.sample(fc.string({ unit: 'binary', maxLength: 8 }), 300),
      ...fc.sample(fc.string({ unit: marks }), 100),
    ].filter((text) => text.isWellFormed() && !text.includes('\0'));
    const { rows } = await engine.main.use((session) =>
      session.query<{ text: string; list: string[]; json: { text: string } }>(
        `select t as text, array[t] as list, json_build_object('text', t) as json, null as nothing
         from unnest($1::text[]) with ordinality u(t, at) order by at`,
        [texts],
      ),
    );
    expect(rows.map(({ text, list, json }) => [text, list, json.text])).toEqual(texts.map((text) => [text, [text], text]));
  });
});
