import { randomBytes, scryptSync } from 'node:crypto';
import { importUsers, type ImportReport } from '@coucou/application/accounts/import-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { login } from '@coucou/application/auth/login';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { importLines } from '@coucou/features/accounts/import-lines';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
});

/** In chunks that end anywhere. */
async function* chunked(text: string, size = 7) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function run(lines: readonly (object | string)[], { dryRun = false, fromLine = 1 } = {}): Promise<ImportReport> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const start = await app.run(importUsers, { dryRun }, operatorCall(account));
  return start(importLines(chunked(text), fromLine));
}
const names = async () => {
  const { items } = await app.as((await owner()).id, account).call('admin.listUsers', { limit: 100 });
  return items.map(({ username }: { username: string }) => username).filter((name: string) => !name.startsWith('owner-'));
};
let known: { account: AccountId; id: string } | undefined;
async function owner() {
  if (known?.account !== account) known = { account, id: (await app.person('owner', account, 'owner')).id };
  return known;
}

/** "correct horse battery staple" by scrypt, as another system would have it. */
function foreignHash(): string {
  const salt = randomBytes(16);
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=10,r=8,p=1$${unpadded(salt)}$${unpadded(scryptSync('correct horse battery staple', salt, 32, { N: 1_024, r: 8, p: 1 }))}`;
}

describe('an import', () => {
  it('makes people, who sign in with the passwords they had, hashed anew from then on', async () => {
    const passwordHash = foreignHash();
    const report = await run([
      { username: 'ann', email: 'ann@example.com', emailVerified: true, passwordHash },
      '',
      { username: 'ben', externalId: '2' },
    ]);
    expect(report).toEqual({ read: 2, created: 2, existing: 0, refused: [], stoppedAt: undefined });
    const stored = () => app.uow.read(account, (tx) => tx.users.lookupByIdentifier('ann'));
    expect((await stored())?.passwordHash).toBe(passwordHash);
    const { user } = await app.run(login, { username: 'ann', password: 'correct horse battery staple' }, anonymous(account));
    expect(user).toMatchObject({ role: 'member', emailVerified: true });
    expect((await stored())?.passwordHash).toMatch(/^\$argon2id\$/);
    await app.run(login, { username: 'ann', password: 'correct horse battery staple' }, anonymous(account));
  });

  it('can be repeated, and be gone on with', async () => {
    const lines = [
      { username: 'ann', email: 'ann@example.com' },
      { username: 'ben', externalId: '2' },
      { username: 'cem', externalId: '3' },
    ];
    expect(await run(lines.slice(0, 2))).toMatchObject({ created: 2 });
    expect(await run(lines)).toMatchObject({ read: 3, created: 1, existing: 2, refused: [] });
    // Renamed since: still the same by the external id.
    expect(await run([{ username: 'benjamin', externalId: '2' }])).toMatchObject({ existing: 1 });
    expect(await run([...lines, { username: 'deb' }], { fromLine: 4 })).toMatchObject({ read: 1, created: 1 });
    expect(await names()).toEqual(['ann', 'ben', 'cem', 'deb']);
  });

  it('says of every refused line why, and makes the others', async () => {
    await run([{ username: 'ann', email: 'ann@example.com', externalId: '1' }]);
    const { created, refused } = await run([
      { username: 'ANN' },
      { username: 'other', email: 'Ann@Example.com' },
      'not json',
      { username: 'x' },
      { username: 'mallory', role: 'owner' },
      { username: 'mallory', id: 'x', accountId: 'y' },
      '{"username":"proto","__proto__":{"role":"owner"}}',
      { username: 'bomb', passwordHash: '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew' },
      { username: 'plain', passwordHash: 'hunter2hunter2' },
      `{"username":"${'x'.repeat(20_000)}"}`,
      { username: 'ben', email: 'ben@example.com' },
      { username: 'ben2', email: 'BEN@example.com' },
      { username: 'B\u00e9n' },
      '[]',
      'null',
    ]);
    expect(created).toBe(1);
    expect(refused.map(({ line, code }) => [line, code])).toEqual([
      [1, 'USERNAME_TAKEN'],
      [2, 'EMAIL_TAKEN'],
      [3, 'MALFORMED_JSON'],
      [4, 'VALIDATION_FAILED'],
      [5, 'VALIDATION_FAILED'],
      [6, 'VALIDATION_FAILED'],
      [7, 'VALIDATION_FAILED'],
      [8, 'PASSWORD_HASH_REFUSED'],
      [9, 'PASSWORD_HASH_REFUSED'],
      [10, 'PAYLOAD_TOO_LARGE'],
      [12, 'EMAIL_TAKEN'],
      [13, 'USERNAME_TAKEN'],
      [14, 'VALIDATION_FAILED'],
      [15, 'VALIDATION_FAILED'],
    ]);
    expect(await names()).toEqual(['ann', 'ben']);
  });

  it('takes no other encoding for UTF-8: nobody is called by letters that were replaced', async () => {
    const start = await app.run(importUsers, { dryRun: false }, operatorCall(account));
    const latin1 = Buffer.from('{"username":"ann","displayName":"Andr\u00e9"}\n{"username":"ben"}\n', 'latin1');
    const report = await start(
      importLines(
        (async function* () {
          yield latin1;
        })(),
      ),
    );
    expect(report).toMatchObject({ created: 1, refused: [{ line: 1, code: 'MALFORMED_JSON' }] });
    expect(await names()).toEqual(['ben']);
  });

  it('that is broken off leaves a trace of whom it made', async () => {
    const start = await app.run(importUsers, { dryRun: false }, operatorCall(account));
    async function* breaking() {
      for (let index = 0; index < 150; index += 1) yield Buffer.from(`{"username":"user${index}"}\n`);
      throw new Error('the connection is gone');
    }
    await expect(start(importLines(breaking()))).rejects.toThrow('the connection is gone');
    const { items } = await app.as((await owner()).id, account).call('admin.listAuditLogs', { action: 'users_imported' });
    expect(items).toMatchObject([{ details: { created: 100 } }]);
  });

  it('writes nothing in a dry run, which says the same', async () => {
    const lines = [{ username: 'ann' }, { username: 'Ann' }, { username: 'ben', passwordHash: 'no hash' }, { username: 'cem' }];
    const dry = await run(lines, { dryRun: true });
    expect(await names()).toEqual([]);
    expect(await run(lines)).toEqual(dry);
    expect(await names()).toEqual(['ann', 'cem']);
  });

  it('of two at once makes each person once', async () => {
    const lines = Array.from({ length: 150 }, (_, index) => ({ username: `user${index}`, externalId: `x${index}` }));
    const reports = await Promise.all([run(lines), run(lines)]);
    const sum = (field: 'created' | 'existing') => reports.reduce((total, report) => total + report[field], 0);
    const refused = reports.flatMap((report) => report.refused);
    expect(sum('created')).toBe(150);
    expect(sum('existing') + refused.length).toBe(150);
    expect(await run(lines)).toMatchObject({ created: 0, existing: 150, refused: [] });
  });

  it('stops where too much is refused, and says where', async () => {
    const report = await run([...Array.from({ length: 1_500 }, () => 'nonsense'), { username: 'ann' }]);
    expect(report).toMatchObject({ read: 1_000, created: 0, stoppedAt: 1_001 });
    expect(report.refused).toHaveLength(1_000);
  });
});
