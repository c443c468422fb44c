import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Administration, expectForAdministrators, expectScopes } from '../../../tests/support/administration.ts';
import { passErasure } from '../../../tests/support/erasures.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { berlin, check, create } from './numbers.ts';

let app: TestApp;
let owner: Caller;
let admin: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [owner, admin, bob] = [
    await app.person('alice', undefined, 'owner'),
    await app.person('adam', undefined, 'admin'),
    await app.person('bob'),
  ];
});
afterAll(() => app.close());

const get = (id: string): Promise<Payload> => owner.call('admin.getCorporateNumber', { corporateNumberId: id });
const update = (id: string, more: object, by = owner): Promise<Payload> =>
  by.call('admin.updateCorporateNumber', { corporateNumberId: id, ...more });
const remove = (id: string): Promise<Payload> => owner.call('admin.deleteCorporateNumber', { corporateNumberId: id });
const audited = async (limit: number): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { limit })).items;

describe('a number of the directory', () => {
  it('is stored in E.164, however it is written, with its label and its person', async () => {
    const number = { number: '0043 (0)1 234 5678', country: 'de', label: 'Sales Vienna', userId: bob.id };
    const created = await owner.call('admin.createCorporateNumber', number);
    expect(created).toEqual({
      id: expect.any(String),
      number: '+4312345678',
      label: 'Sales Vienna',
      userId: bob.id,
      createdAt: expect.any(String),
    });
    expect(await get(created.id)).toEqual(created);
    expect(await audited(1)).toMatchObject([
      {
        action: 'corporate_number_created',
        actor: { id: owner.id },
        target: { type: 'corporateNumber', id: created.id },
        details: { number: '+4312345678' },
      },
    ]);
  });

  it('is there once, and the refusal says which it is', async () => {
    const number = berlin();
    const { id } = await create(owner, { number });
    const again = create(admin, { number: number.replace('+49', '0').replaceAll(' ', '-'), country: 'DE' });
    await expect(again).rejects.toMatchObject({ code: 'CORPORATE_NUMBER_TAKEN', details: { corporateNumberId: id } });
    const together = await Promise.allSettled(Array.from({ length: 8 }, () => create(owner, { number: '+41 44 668 18 00' })));
    expect(together.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('changes its label and person, and clears them by null', async () => {
    const { id, number, createdAt } = await create(owner, { label: 'Sales', userId: bob.id });
    const plain = { id, number, createdAt };
    expect(await update(id, { label: 'Support' }, admin)).toEqual({ ...plain, label: 'Support', userId: bob.id });
    expect(await update(id, { userId: admin.id })).toEqual({ ...plain, label: 'Support', userId: admin.id });
    expect(await update(id, { label: null, userId: null })).toEqual(plain);
    expect(await get(id)).toEqual(plain);
    expect((await audited(3)).map(({ action, details }) => [action, details])).toEqual([
      ['corporate_number_updated', { number, changed: ['label', 'userId'] }],
      ['corporate_number_updated', { number, changed: ['userId'] }],
      ['corporate_number_updated', { number, changed: ['label'] }],
    ]);
  });

  it('leaves no entry in the audit log where nothing changes', async () => {
    const { id } = await create(owner, { label: 'Sales' });
    const before = await audited(1);
    await update(id, { label: 'Sales', userId: null });
    await update(id, {});
    expect(await audited(1)).toEqual(before);
  });

  it('is deleted, and may come back', async () => {
    const { id, number } = await create(owner);
    await remove(id);
    expect(await audited(1)).toMatchObject([{ action: 'corporate_number_deleted', target: { id }, details: { number } }]);
    const gone = [get(id), update(id, { label: 'x' }), remove(id)].map(refusal);
    expect(new Set(await Promise.all(gone))).toEqual(new Set(['CORPORATE_NUMBER_NOT_FOUND']));
    expect((await create(owner, { number })).number).toBe(number);
  });

  it('is of somebody who is there', async () => {
    const deleted = await app.person('dan');
    await owner.call('admin.deleteUser', { userId: deleted.id });
    const elsewhere = await app.person('eve', await app.account());
    const { id } = await create(owner);
    for (const userId of [randomUUID(), deleted.id, elsewhere.id]) {
      expect(await refusal(create(owner, { userId }))).toBe('USER_NOT_FOUND');
      expect(await refusal(update(id, { userId }))).toBe('USER_NOT_FOUND');
    }
  });

  it('stays when its person is erased, and says no more whose it was', async () => {
    const dan = await app.person('dan');
    const { id, number, createdAt } = await create(owner, { label: 'Dan, at home', userId: dan.id });
    await owner.call('admin.deleteUser', { userId: dan.id });
    await passErasure(app, dan);
    expect(await get(id)).toEqual({ id, number, createdAt });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no number', { number: 'reception' }, 'CORPORATE_NUMBER_INVALID'],
    ['a national format without a country', { number: '030 123456' }, 'CORPORATE_NUMBER_INVALID'],
    ['a country that is none', { number: '030 123456', country: 'XX' }, 'CORPORATE_NUMBER_INVALID'],
    ['an extension', { number: '+49 30 123456 ext. 7' }, 'CORPORATE_NUMBER_INVALID'],
    ['NUL', { number: '+49 30\u0000123456' }, 'VALIDATION_FAILED'],
    ['a line feed', { number: '+49 30\n123456' }, 'VALIDATION_FAILED'],
    ['nothing', { number: '' }, 'VALIDATION_FAILED'],
    ['101 characters', { number: '1'.repeat(101) }, 'VALIDATION_FAILED'],
    ['a number of JSON', { number: 4_930_123_456 }, 'VALIDATION_FAILED'],
    ['a country of three letters', { country: 'DEU' }, 'VALIDATION_FAILED'],
    ['a label that shows nothing', { label: '\u200b' }, 'VALIDATION_FAILED'],
    ['a label of two lines', { label: 'a\nb' }, 'VALIDATION_FAILED'],
    ['a label of 81 characters', { label: 'x'.repeat(81) }, 'VALIDATION_FAILED'],
    ['a label with half a surrogate pair', { label: 'a\ud800' }, 'VALIDATION_FAILED'],
    ['a person who is no id', { userId: 'bob' }, 'VALIDATION_FAILED'],
    ['an unknown key', { account: randomUUID() }, 'VALIDATION_FAILED'],
  ])('is refused for %s', async (_, more, code) => {
    expect(await refusal(create(owner, more))).toBe(code);
  });
});

describe('the list of numbers', () => {
  let account: Caller['account'];
  let carol: Caller;
  let erin: Caller;
  const written = ['+49 30 300', '+49 30 20', '+49 30 2001', '+49 301 11', '+43 1 234 5678', '+1 201 555 0123'];
  const inOrder = ['+12015550123', '+4312345678', '+493020', '+49302001', '+4930111', '+4930300'].toSorted();
  beforeAll(async () => {
    account = await app.account();
    [carol, erin] = [await app.person('carol', account, 'owner'), await app.person('erin', account)];
    for (const number of written) await create(carol, { number, ...(number.startsWith('+49 301') && { userId: erin.id }) });
  });
  const list = async (more: object = {}): Promise<Payload> => carol.call('admin.listCorporateNumbers', { ...more });
  const numbersOf = ({ items }: Payload): string[] => items.map(({ number }: Payload) => number);

  it('goes by their digits, in pages', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 4, ...(cursor && { cursor }) });
      seen.push(...numbersOf(page));
      cursor = page.nextCursor ?? undefined;
      // What comes meanwhile before the place is on no page.
      if (seen.length === 4) await create(carol, { number: '+1 201 555 0100' });
    } while (cursor !== undefined);
    expect(seen).toEqual(inOrder);
    await carol.call('admin.deleteCorporateNumber', { corporateNumberId: (await list({ prefix: '12015550100' })).items[0].id });
  });

  it.each<[string, string, string[]]>([
    ['a calling code', '+49', ['+493020', '+49302001', '+4930111', '+4930300']],
    ['the same without its plus', '49', ['+493020', '+49302001', '+4930111', '+4930300']],
    ['a city', '+49302', ['+493020', '+49302001']],
    ['a whole number', '+4930300', ['+4930300']],
    ['one that nothing begins with', '+44', []],
  ])('is narrowed to %s', async (_, prefix, found) => {
    expect(numbersOf(await list({ prefix })).toSorted()).toEqual(found.toSorted());
    expect(numbersOf(await list({ prefix, limit: 1 }))).toEqual(found.toSorted().slice(0, 1));
  });

  it('is narrowed to a person', async () => {
    expect(numbersOf(await list({ userId: erin.id }))).toEqual(['+4930111']);
    expect(numbersOf(await list({ userId: erin.id, prefix: '43' }))).toEqual([]);
    expect(numbersOf(await list({ userId: bob.id }))).toEqual([]);
  });

  it.each(['', '+', '0', '+0', '49%', '49 30', '1234567890123456', "'"])('has no prefix such as %j', async (prefix) => {
    expect(await refusal(list({ prefix }))).toBe('VALIDATION_FAILED');
  });
});

describe('administration of the directory', () => {
  const operations: Administration = async () => {
    const { id: corporateNumberId } = await create(owner);
    return [
      ['admin.listCorporateNumbers', {}],
      ['admin.getCorporateNumber', { corporateNumberId }],
      ['admin.createCorporateNumber', { number: berlin() }],
      ['admin.updateCorporateNumber', { corporateNumberId, label: 'x' }],
      ['admin.importCorporateNumbers', { numbers: [{ number: berlin() }] }],
      ['admin.deleteCorporateNumber', { corporateNumberId }],
    ];
  };

  it('is for owners and admins; a member may check a number, and do nothing else', async () => {
    await expectForAdministrators(app, admin, bob, operations);
    const { number } = await create(owner);
    expect(await check(bob, number)).toMatchObject({ isCorporate: true });
  });

  it('is open to an API key with the scope', async () => {
    await expectScopes(app, 'corporate-numbers', operations);
    expect(await audited(1)).toMatchObject([{ action: 'corporate_number_deleted', actor: { kind: 'apiKey' } }]);
  });
});
