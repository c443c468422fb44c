import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createIntegrationSecrets } from './integration-secrets.ts';

const secrets = createIntegrationSecrets('the tests keep no secrets: 32 bytes or more');
const of = { account: asId<'account'>('01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f'), integrationId: '01936d2e-7c8a-7b3e-9f00-000000000001' };

describe('credentials of an integration', () => {
  it('open for it alone', () => {
    const sealed = secrets.seal(of, { user: 'alice', password: 'of the mail server' });
    expect(sealed).not.toContain('alice');
    expect(secrets.seal(of, { user: 'alice', password: 'of the mail server' })).not.toBe(sealed);
    expect(secrets.open(of, sealed)).toEqual({ user: 'alice', password: 'of the mail server' });
    for (const other of [
      { ...of, account: asId<'account'>(of.integrationId) },
      { ...of, integrationId: of.account },
    ])
      expect(() => secrets.open(other, sealed)).toThrow(/authenticate/);
    expect(() => createIntegrationSecrets('another secret of thirty-two bytes').open(of, sealed)).toThrow(/authenticate/);
  });
});

describe('a token of an incoming webhook', () => {
  it('says where it belongs, and is unlike any other', () => {
    const { token, hash } = secrets.issueToken(of);
    expect(token).toMatch(/^inc_[\w-]{86}$/);
    expect(secrets.readToken(token)).toEqual({ ...of, hash });
    expect(new Set(Array.from({ length: 100 }, () => secrets.issueToken(of).token)).size).toBe(100);
  });

  it('is read in one spelling only', () => {
    const { token } = secrets.issueToken(of);
    const last = token.at(-1) ?? '';
    // Four bits of the last letter belong to no byte.
    const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((letter) => token.slice(0, -1) + letter);
    expect(spellings.filter((each) => secrets.readToken(each) !== undefined).length).toBe(4);
    expect('AQgw').toContain(last);
    for (const forged of ['', 'x', token.slice(1), `${token}=`, ` ${token}`, token.slice(0, -1), `${token}A`, token.toUpperCase()])
      expect(secrets.readToken(forged)).toBeUndefined();
  });

  it('is compared whole', () => {
    const { hash } = secrets.issueToken(of);
    expect(secrets.isSame(hash, hash)).toBe(true);
    expect(secrets.isSame(hash, secrets.issueToken(of).hash)).toBe(false);
    expect(secrets.isSame(hash, '')).toBe(false);
  });
});
