import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { CorporateNumber, type CorporateNumberChange, type E164 } from './corporate-number.ts';

const current: CorporateNumber = {
  accountId: asId('account'),
  id: asId('number'),
  number: '+4930123456' as E164,
  label: 'Sales',
  userId: asId('alice'),
  createdAt: new Date('2026-01-15T09:30:00.000Z'),
};

describe('a number in E.164', () => {
  it.each(['+12', '+4930123456', '+123456789012345'])('may be %s', (text) => {
    expect(CorporateNumber.isE164(text)).toBe(true);
  });

  it.each(['', '+', '+1', '4930123456', '+049301', '+1234567890123456', '+49 30', '+4930123456\n', '+٤٩٣٠'])('is not %j', (text) => {
    expect(CorporateNumber.isE164(text)).toBe(false);
  });
});

describe('a change of a number', () => {
  it.each<[string, CorporateNumberChange, Partial<CorporateNumber>, string[]]>([
    ['gives it another label', { label: 'Support' }, { label: 'Support' }, ['label']],
    ['takes the label away', { label: null }, { label: undefined }, ['label']],
    ['gives it to somebody else', { userId: asId('bob') }, { userId: asId('bob') }, ['userId']],
    ['gives it to nobody', { userId: null }, { userId: undefined }, ['userId']],
    ['does both', { label: null, userId: null }, { label: undefined, userId: undefined }, ['label', 'userId']],
  ])('%s', (_, change, becomes, changed) => {
    expect(CorporateNumber.update(current, change)).toEqual({ number: { ...current, ...becomes }, changed });
  });

  it.each<[string, CorporateNumberChange]>([
    ['of nothing', {}],
    ['to what it is', { label: 'Sales', userId: asId('alice') }],
  ])('%s is none', (_, change) => {
    expect(CorporateNumber.update(current, change)).toBeUndefined();
  });
});
