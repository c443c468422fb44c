import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { corporateNumberLimits } from '../src/domain/limits.ts';
import { berlin, check, create } from './numbers.ts';

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

describe('a look-up of a number', () => {
  it('says whether it is one of the account, and whose', async () => {
    const [labelled, plain] = [await create(owner, { label: 'Sales', userId: owner.id }), await create(owner)];
    expect(await check(bob, labelled.number)).toEqual({ number: labelled.number, isCorporate: true, label: 'Sales', userId: owner.id });
    expect(await check(bob, plain.number)).toEqual({ number: plain.number, isCorporate: true });
    const national = `030 ${plain.number.slice('+4930'.length)}`;
    expect(await check(bob, national, 'DE')).toEqual({ number: plain.number, isCorporate: true });
    expect(await check(bob, '+49 30 7654321')).toEqual({ number: '+49307654321', isCorporate: false });
  });

  it('a lookup of numbers never crosses accounts', async () => {
    const [ours, theirs] = [berlin(), berlin()];
    const eve = await app.person('eve', await app.account(), 'owner');
    const canary = 'canary of another account';
    const there = [
      await create(eve, { number: theirs, label: canary, userId: eve.id }),
      await create(eve, { number: ours, label: canary }),
    ];
    const here = await create(owner, { number: ours, label: 'ours' });

    const unknown = await check(bob, berlin());
    const { number, ...answer } = await check(bob, theirs);
    expect(number).toBe(there[0]?.number);
    expect(answer).toEqual({ isCorporate: unknown.isCorporate });
    expect(await check(bob, ours)).toEqual({ number: here.number, isCorporate: true, label: 'ours' });
    expect((await owner.call('admin.listCorporateNumbers')).items).toEqual([here]);
    expect((await owner.call('admin.listCorporateNumbers', { userId: eve.id })).items).toEqual([]);
    for (const { id: corporateNumberId } of there) {
      expect(await refusal(owner.call('admin.getCorporateNumber', { corporateNumberId }))).toBe('CORPORATE_NUMBER_NOT_FOUND');
      expect(await refusal(owner.call('admin.updateCorporateNumber', { corporateNumberId, label: null }))).toBe(
        'CORPORATE_NUMBER_NOT_FOUND',
      );
      expect(await refusal(owner.call('admin.deleteCorporateNumber', { corporateNumberId }))).toBe('CORPORATE_NUMBER_NOT_FOUND');
    }
    // Theirs alone has it: here it is free.
    expect((await create(owner, { number: theirs })).label).toBeUndefined();
    expect((await eve.call('admin.listCorporateNumbers')).items).toEqual(there.toSorted((a, b) => (a.number < b.number ? -1 : 1)));
  });

  it('is for people of the account, guests included, and for nobody without a session', async () => {
    const { number } = await create(owner);
    const guest = await app.person('greta', owner.account, 'guest');
    expect(await check(guest, number)).toMatchObject({ isCorporate: true });
    expect(await refusal(check(app.visitor(owner.account), number))).toBe('UNAUTHENTICATED');
    expect(await refusal(check(app.byKey(['corporate-numbers:read'], owner.account), number))).toBe('FORBIDDEN');
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['what is no number', { number: 'sales' }, { code: 'CORPORATE_NUMBER_INVALID', details: { fault: 'not_a_number' } }],
    ['a national format', { number: '030 123456' }, { code: 'CORPORATE_NUMBER_INVALID', details: { fault: 'country_missing' } }],
    ['NUL', { number: '+49 30\u0000123456' }, { code: 'VALIDATION_FAILED' }],
    ['no number', {}, { code: 'VALIDATION_FAILED' }],
    ['a list of numbers', { number: ['+49 30 123456'] }, { code: 'VALIDATION_FAILED' }],
  ])('refuses %s', async (_, input, error) => {
    await expect(bob.call('corporateNumbers.check', input)).rejects.toMatchObject(error);
  });

  it('is limited for each person, whatever it finds; what is no number takes nothing', async () => {
    const { perPerson } = corporateNumberLimits.checks;
    const { number } = await create(owner);
    for (let at = 0; at < perPerson; at += 1) {
      expect(await refusal(check(bob, 'sales'))).toBe('CORPORATE_NUMBER_INVALID');
      await check(bob, at % 2 === 0 ? number : '+49 30 7654321');
    }
    for (const refused of [number, '+49 30 7654321'])
      await expect(check(bob, refused)).rejects.toMatchObject({ code: 'RATE_LIMITED', details: { limit: perPerson } });
    expect(await check(owner, number)).toMatchObject({ isCorporate: true });
  });
});
