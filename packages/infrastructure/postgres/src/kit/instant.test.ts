import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { parseInstant } from './instant.ts';

/** As PostgreSQL writes it in UTC. */
const written = (at: Date, micros: string): string =>
  `${at.toISOString().slice(0, 19).replace('T', ' ')}${`.${micros}`.replace(/\.?0*$/, '')}+00`;

describe('a timestamptz', () => {
  it('is the instant that it says, in whole milliseconds', () => {
    const instant = fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 999_999 }), (date, fraction) => {
        const micros = String(fraction).padStart(6, '0');
        const second = new Date(Math.floor(date.getTime() / 1000) * 1000);
        // The driver's own reading has years before 100 for ours.
        fc.pre(second.getUTCFullYear() >= 100);
        expect(parseInstant(written(second, micros))).toEqual(new Date(second.getTime() + Number(micros.slice(0, 3))));
      }),
    );
  });

  it.each(['2026-11-20 20:32:43.1+00', '2024-02-29 23:59:59+00', '1969-12-31 23:59:59.999999+00', '0044-03-15 12:00:00+00 BC'])(
    '%s is what the driver takes it for',
    (text) => {
      const driver = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ);
      expect(parseInstant(text)).toEqual(driver(text));
    },
  );

  it.each(['infinity', '-infinity', '2026-11-20 20:32:43.1+05:30', '12026-11-20 20:32:43+00'])('%s is left to the driver', (text) => {
    const driver = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ);
    expect(parseInstant(text)).toEqual(driver(text));
  });
});
