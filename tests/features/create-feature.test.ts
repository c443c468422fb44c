import { globSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus, openGroup, signUpAll } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { COPIED_WITHIN_MS, type Copy, copyRepository, difference, repository, TSC } from './workspace.ts';

/** What `pnpm create-feature` writes is a package of another team: it is tried out in a copy of the repository. */

const GENERATOR = 'tools/create-feature.ts';
const EDITED = ['apps/server/package.json', 'apps/server/src/composition/feature-list.ts', 'apps/server/tsconfig.json'];
let copy: Copy;
beforeAll(async () => {
  copy = await copyRepository();
}, COPIED_WITHIN_MS);
afterAll(() => copy?.remove());

const filesOf = (name: string) =>
  globSync(`packages/${name}/**/*.*`, { cwd: copy.root, exclude: (file) => file === 'node_modules' }).toSorted();
const lineCount = (file: string) => readFileSync(path.join(copy.root, file), 'utf8').trimEnd().split('\n').length;

describe('a feature package that was just created', () => {
  let said: string;
  beforeAll(async () => {
    said = await copy.run(GENERATOR, 'remarks');
    copy.link();
  });

  it('is at most eight files and 265 lines, which were named', () => {
    const files = filesOf('remarks');
    expect(files.length).toBeGreaterThan(0);
    expect(files.length).toBeLessThanOrEqual(8);
    expect(files.map(lineCount).reduce((a, b) => a + b)).toBeLessThanOrEqual(265);
    expect(files.filter((file) => !said.includes(`wrote  ${file}`))).toEqual([]);
  });

  it('changes no file of the core but for one line in three', () => {
    expect(difference(copy)).toEqual({
      added: filesOf('remarks'),
      removed: [],
      changed: {
        'apps/server/package.json': ['    "@coucou/remarks": "workspace:*",'],
        'apps/server/src/composition/feature-list.ts': [`export { remarksFeature } from '@coucou/remarks/feature';`],
        'apps/server/tsconfig.json': ['    { "path": "../../packages/remarks" },'],
      },
    });
  });

  it('compiles, with the server and with its test', async () => {
    expect(await copy.run(TSC, '--build', 'packages/remarks', 'tests')).toBe('');
  });

  it('passes its own test', async () => {
    expect(await copy.run('node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', 'packages/remarks')).toMatch(/3 passed/);
  });

  it('passes the lint and is formatted', async () => {
    expect(await copy.run('node_modules/oxlint/bin/oxlint', 'packages/remarks')).toContain('0 warnings and 0 errors');
    expect(await copy.run('node_modules/@biomejs/biome/bin/biome', 'format', 'packages/remarks', ...EDITED)).toContain('No fixes applied');
  });

  describe('and a server that has it', () => {
    let server: SpawnedApp;
    beforeAll(async () => {
      // On a database that the core alone has migrated.
      server = await spawnTestApp({ root: copy.root, env: copy.env });
    });
    afterAll(() => server.stop());

    it('does its operation, and tells its event to everybody in the conversation', async () => {
      const { alice, bob, carol } = await signUpAll(server.url, 'alice', 'bob', 'carol');
      const conversation = await openGroup(alice, [bob]);
      const socket = bob.socketIo();
      await socket.connect();
      const route = `/api/v1/conversations/${conversation.id}/remarks`;
      const note = expectStatus(await alice.http.call('POST', route, { text: 'The table is booked.' }), 201);
      expect(note).toEqual({ id: expect.any(String), authorId: alice.id, text: 'The table is booked.', createdAt: expect.any(String) });
      expect(await socket.events.next('remarks:added')).toEqual({ at: expect.any(String), conversationId: conversation.id, note });
      expect(await carol.http.call('POST', route, { text: 'Let me in.' })).toMatchObject({
        status: 404,
        body: { code: 'CONVERSATION_NOT_FOUND' },
      });
      await socket.close();
    });

    it('has applied its migration, and recorded it in a table of its own', async () => {
      await server.kill('SIGTERM');
      const pool = await createPglitePool({ directory: path.join(server.directory, 'data/database') });
      const ask = async (text: string) => (await pool.use((session) => session.query<Record<string, unknown>>(text))).rows;
      expect(await ask('select name from remarks_migration')).toEqual([{ name: '0001-notes' }]);
      expect(await ask('select text from remarks_note')).toEqual([{ text: 'The table is booked.' }]);
      expect(await ask(`select relrowsecurity, relforcerowsecurity from pg_class where relname = 'remarks_note'`)).toEqual([
        { relrowsecurity: true, relforcerowsecurity: true },
      ]);
      await pool.end();
    });
  });
});

describe('the generator', () => {
  it('writes the same shape under a short and under a long name', async () => {
    for (const name of ['x', 'twenty-letter-names1']) {
      await copy.run(GENERATOR, name);
      await copy.run('node_modules/@biomejs/biome/bin/biome', 'format', `packages/${name}`, ...EDITED);
    }
    const source = filesOf('twenty-letter-names1').map((file) => readFileSync(path.join(copy.root, file), 'utf8'));
    for (const name of [
      '@coucou/twenty-letter-names1',
      'twentyLetterNames1Feature',
      'twenty_letter_names1_note',
      'TWENTY_LETTER_NAMES1_FULL',
    ])
      expect(source.join('\n')).toContain(name);
    expect(source.join('\n')).not.toMatch(/\{\{|\}\}'/);
  });

  it('refuses a bad name, and one that is taken, and writes nothing then', async () => {
    const before = difference(copy);
    const refusals = [
      ['Polls', 'cannot name a feature: use words in lower case'],
      ['team_notes', 'cannot name a feature: use words in lower case'],
      ['../polls', 'cannot name a feature: use words in lower case'],
      ['a-name-that-is-too-long', 'at most 20 characters'],
      ['domain', '"domain" is taken by the core: choose another name.'],
      ['messages', '"messages" is taken by @coucou/features/messages/feature: choose another name.'],
      ['postgres', '"postgres" is taken by packages/infrastructure/postgres: choose another name.'],
      ['remarks', '"remarks" is taken by packages/remarks: choose another name.'],
    ] as const;
    for (const [name, sentence] of refusals) await expect(copy.run(GENERATOR, name)).rejects.toThrow(sentence);
    expect(difference(copy)).toEqual(before);
  });

  it('adds no line twice', async () => {
    await copy.run(GENERATOR, 'again');
    const once = difference(copy).changed;
    rmSync(path.join(copy.root, 'packages/again'), { recursive: true });
    expect(await copy.run(GENERATOR, 'again')).not.toContain('edited');
    expect(difference(copy).changed).toEqual(once);
  });

  it('explains itself', async () => {
    expect(await copy.run(GENERATOR, '--help')).toMatch(/^pnpm create-feature <name>\n/);
    await expect(copy.run(GENERATOR)).rejects.toThrow('Give one name.');
    expect(readFileSync(path.join(repository, 'package.json'), 'utf8')).toContain(
      `"create-feature": "node tools/run.mjs everything node ${GENERATOR}"`,
    );
  });
});
