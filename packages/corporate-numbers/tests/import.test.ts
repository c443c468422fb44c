import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { corporateNumberLimits } from '../src/domain/limits.ts';
import { berlin, create } from './numbers.ts';

let app: TestApp;
let owner: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(async () => {
  const account = await app.account();
  [owner, bob] = [await app.person('alice', account, 'owner'), await app.person('bob', account)];
});
afterAll(() => app.close());

const importRows = (numbers: readonly unknown[], by = owner): Promise<Payload> => by.call('admin.importCorporateNumbers', { numbers });
const statuses = ({ items }: Payload): string[] => items.map(({ status }: Payload) => status);
const directory = async (): Promise<Payload[]> => (await owner.call('admin.listCorporateNumbers', { limit: 100 })).items;
const imports = async (): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { action: 'corporate_numbers_imported' })).items;

describe('an import', () => {
  it('answers for every row what became of it, in their order', async () => {
    const there = await create(owner, { number: '+49 30 5550001', label: 'as it was' });
    const report = await importRows([
      { number: '+49 30 5550009', label: 'Sales', userId: bob.id },
      { number: '030 5550002', country: 'DE' },
      { number: '030 5550003' },
      { number: '+49 30 5550001', label: 'another label' },
      { number: '+493 05 55 00 02', label: 'an earlier row' },
      { number: '+49 30 5550004', userId: randomUUID() },
      { number: 'reception\u0000' },
      { number: '1'.repeat(5_000) },
      { number: '030 1', country: 'Germany' },
    ]);
    const refused = (code: string, details: object) => ({ status: 'invalid', refused: { code, error: expect.any(String), details } });
    const fault = (name: string) => refused('CORPORATE_NUMBER_INVALID', { fault: name });
    const [first, second] = report.items;
    expect(report).toEqual({
      created: 2,
      existing: 2,
      invalid: 5,
      items: [
        { status: 'created', id: expect.any(String), number: '+49305550009' },
        { status: 'created', id: expect.any(String), number: '+49305550002' },
        fault('country_missing'),
        { status: 'existing', id: there.id, number: '+49305550001' },
        { status: 'existing', id: second.id, number: '+49305550002' },
        refused('USER_NOT_FOUND', {}),
        fault('not_a_number'),
        fault('too_long'),
        fault('country_unknown'),
      ],
    });
    expect(await directory()).toEqual([
      there,
      { id: second.id, number: '+49305550002', createdAt: expect.any(String) },
      { id: first.id, number: '+49305550009', label: 'Sales', userId: bob.id, createdAt: expect.any(String) },
    ]);
    expect(await imports()).toMatchObject([{ actor: { id: owner.id }, details: { rows: 9, created: 2, existing: 2, invalid: 5 } }]);
  });

  it('can be repeated: it then adds nothing, and leaves no entry in the audit log', async () => {
    const rows = [{ number: berlin() }, { number: berlin(), label: 'Sales' }];
    const first = await importRows(rows);
    const before = await directory();
    const again = await importRows(rows.map((row) => ({ ...row, label: 'changed' })));
    expect(again).toMatchObject({ created: 0, existing: 2, invalid: 0 });
    expect(again.items.map(({ id }: Payload) => id)).toEqual(first.items.map(({ id }: Payload) => id));
    expect(await directory()).toEqual(before);
    expect(await imports()).toHaveLength(1);
  });

  it('takes as many rows as it may, and no more', async () => {
    const row = (_: unknown, at: number) => ({ number: `+49 30 ${String(6_000_000 + at)}` });
    const { rows: most } = corporateNumberLimits;
    expect(await importRows(Array.from({ length: most }, row))).toMatchObject({ created: most });
    expect(await refusal(importRows(Array.from({ length: most + 1 }, row)))).toBe('VALIDATION_FAILED');
    expect(await refusal(importRows([]))).toBe('VALIDATION_FAILED');
  });

  it('that holds what is no row is refused as a whole, and says where', async () => {
    const good = { number: berlin() };
    for (const row of [{}, { number: 1 }, { ...good, label: 'a\nb' }, { ...good, userId: 'bob' }, { ...good, id: randomUUID() }, null, 'x'])
      await expect(importRows([good, row])).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        details: [expect.objectContaining({ path: expect.arrayContaining(['numbers', 1]) })],
      });
    expect(await directory()).toEqual([]);
  });

  it('at the same time as others of the same numbers adds each once', async () => {
    const rows = Array.from({ length: 50 }, () => ({ number: berlin() }));
    const reports = await Promise.all([rows, rows.toReversed(), rows].map((each) => importRows(each)));
    expect(reports.map(({ created }) => created).reduce((sum, created) => sum + created, 0)).toBe(50);
    expect(reports.flatMap(statuses)).not.toContain('invalid');
    expect(await directory()).toHaveLength(50);
  });

  it('adds to the account of the caller only, even where another account has the same number', async () => {
    const number = berlin();
    const elsewhere = await app.person('eve', await app.account(), 'owner');
    const theirs = await create(elsewhere, { number, label: 'theirs' });
    const { items } = await importRows([{ number }, { number: berlin(), userId: elsewhere.id }]);
    expect(items).toMatchObject([{ status: 'created' }, { status: 'invalid', refused: { code: 'USER_NOT_FOUND' } }]);
    expect(items[0].id).not.toBe(theirs.id);
    expect((await elsewhere.call('admin.listCorporateNumbers')).items).toEqual([theirs]);
  });
});
