import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStorage } from '@coucou/postgres/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import type { Database } from '../support/template.ts';
import { coreCatalogue } from '../support/coucou.ts';
import { everyRepository } from '../support/repositories.ts';
import { createUsers } from '../support/fixtures.ts';
import { command } from './support.ts';

describe('what an operator does from the command line', () => {
  let database: Database;
  let username: string;
  beforeAll(async () => {
    database = await createDatabase();
    const storage = await openStorage({
      database: { url: database.url },
      live: { publish: () => {} },
      events: coreCatalogue.events,
      parts: coreCatalogue.storage,
    });
    const account = await storage.accounts.byClientKey('default');
    if (account === undefined) throw new Error('there is no default account');
    const [id] = await createUsers(everyRepository(storage.transactions), account, ['mallory']);
    username = `mallory-${id}`;
    await storage.close();
  });
  afterAll(() => database.drop());

  const cli = (...args: string[]) => command(args, environment({ database }));

  it('lists words, and lists them no more', async () => {
    expect(await cli('word-list', '--add', 'Darn')).toMatchObject({ code: 0, stdout: 'mask  darn' });
    expect(await cli('word-list', '--account', 'default', '--add', 'heck', '--action', 'reject')).toMatchObject({ code: 0 });
    expect((await cli('word-list', '--list')).stdout).toBe('mask    darn\nreject  heck');
    expect((await cli('word-list', '--test', 'Darn it')).stdout).toBe('mask  **** it\nmask    darn');
    expect((await cli('word-list', '--test', 'what the heck')).stdout).toBe('reject\nreject  heck');
    expect(await cli('word-list', '--remove', 'DARN')).toMatchObject({ code: 0 });
    expect(await cli('word-list', '--remove', 'darn')).toMatchObject({ code: 1, stderr: 'darn is not listed' });
    expect((await cli('word-list', '--list')).stdout).toBe('reject  heck');
  });

  it('suspends a person, and lifts it', async () => {
    expect(await cli('suspend', '--user', username)).toMatchObject({ code: 0, stdout: `${username} is suspended.` });
    expect(await cli('suspend', '--user', username, '--lift')).toMatchObject({ code: 0, stdout: `${username} is no longer suspended.` });
  });

  it('creates an owner, and makes one of somebody who is there', async () => {
    const created = await cli('create-admin', '--username', 'olga', '--email', 'olga@example.com');
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Created olga, owner\. The password is [\w-]{24}$/) });
    // As for owners themselves: an account without one would get another by ADMIN_EMAIL.
    expect(await cli('suspend', '--user', 'olga')).toMatchObject({ code: 1, stderr: expect.stringContaining('last owner') });
    expect(await cli('create-admin', '--username', username, '--role', 'admin')).toMatchObject({
      code: 0,
      stdout: `${username} is admin now.`,
    });
    const refused = await cli('create-admin', '--username', 'x', '--email', 'not an address');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--username') });
    expect(refused.stderr).toContain('--email');
  });

  it('makes accounts, opens and ends sessions, and rotates keys', async () => {
    expect(await cli('create-account', '--key', 'acme', '--name', 'Acme')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Created the account acme/),
    });
    expect(await cli('create-account', '--key', 'acme')).toMatchObject({ code: 1, stderr: 'Another account has this client key.' });
    const minted = await cli('mint-token', '--user', username);
    expect(minted).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(minted.stdout)).toMatchObject({ accessToken: expect.stringMatching(/^ey/), refreshToken: expect.any(String) });
    expect(await cli('suspend', '--whole-account', '--account', 'acme')).toMatchObject({
      code: 0,
      stdout: 'The account acme is suspended.',
    });
    expect(await cli('suspend', '--whole-account', '--user', 'x', '--account', 'acme')).toMatchObject({ code: 2 });
    const file = path.join(tmpdir(), `import-${randomUUID()}.ndjson`);
    await writeFile(file, '{"username":"imported"}\nnonsense\n');
    expect(await cli('import-users', file, '--dry-run')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('1 people would be created'),
    });
    expect((await cli('import-users', file)).stdout).toMatch(
      /^line 2: MALFORMED_JSON[^]*2 lines read, 1 people created, 0 there already, 1 refused$/,
    );
    await rm(file);
    expect(await cli('rotate-keys')).toMatchObject({ code: 0, stdout: 'Access tokens are signed by another key in ten seconds.' });
    expect(await cli('revoke-sessions', '--user', username)).toMatchObject({ code: 0, stdout: `1 session of ${username} ended.` });
  });

  it('says when recurring jobs run', async () => {
    expect(await cli('schedules', 'list')).toEqual({
      code: 0,
      stdout: 'No server has been started on this database yet.',
      stderr: '',
    });
  });

  it.each([
    ['an unknown person', 1, ['suspend', '--user', 'nobody'], 'There is no such user.'],
    ['nobody', 2, ['suspend'], '--user is required'],
    ['an unknown account', 1, ['suspend', '--user', 'x', '--account', 'y'], 'there is no account'],
    ['two things at once', 2, ['word-list', '--list', '--add', 'x'], 'give exactly one of'],
    ['an unknown action', 2, ['word-list', '--add', 'x', '--action', 'shout'], '--action must be'],
    ['a word without letters', 1, ['word-list', '--add', '!!'], 'A word has 1 to 64'],
  ] as const)('refuses %s in one sentence', async (_, expected, args, sentence) => {
    const { code, stderr } = await cli(...args);
    expect({ code, stderr }).toEqual({ code: expected, stderr: expect.stringContaining(sentence) });
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
