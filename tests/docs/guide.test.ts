import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { feedPayloads } from '@coucou/contracts/users/feed';
import { features } from '@coucou/server/composition/features';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { guides, runGuide as run } from './guide-run.ts';

/** What a guide shows is run, in order, against a real server. */

const guide = path.join(guides, 'build-a-client.md');

describe('the guide "build a client"', () => {
  // What a reader starts first, and what serves them later.
  it.each(['the embedded database', 'PostgreSQL'])('does what it says on %s', { timeout: 180_000 }, async (engine) => {
    const database = engine === 'PostgreSQL' ? await createDatabase() : undefined;
    // Making an embedded database takes its time on a busy machine.
    const server = await spawnTestApp({ database, readyWithinMs: 60_000 });
    try {
      const { code, stderr, expectations } = await run(await readFile(guide, 'utf8'), server);
      expect({ code, stderr }).toEqual({ code: 0, stderr: `expectations met: ${expectations}\n` });
      expect(expectations).toBeGreaterThan(50);
    } finally {
      await server.stop();
      await database?.drop();
    }
  });

  it('names every kind of entry in the feed with its fields', async () => {
    const markdown = await readFile(guide, 'utf8');
    const [, table = ''] = /\| kind \| payload \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(markdown) ?? [];
    const named = (cell: string | undefined) => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace('?', ''));
    const rows = table
      .trim()
      .split('\n')
      .map((row) => row.split('|'));
    const told = rows.flatMap(([, kinds, payload]) => named(kinds).map((kind) => [kind, named(payload)] as const));
    const ofFeatures = features.flatMap(({ feedEntries = {} }) => Object.entries(feedEntries));
    const promised = [...Object.entries(feedPayloads), ...ofFeatures].map(([kind, { shape }]) => [kind, Object.keys(shape)] as const);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(promised));
  });
});

describe('a page that does not hold', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let server: SpawnedApp;
  beforeAll(async () => {
    database = await createDatabase();
    server = await spawnTestApp({ database });
  });
  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  const page = (...blocks: readonly (readonly [string, string])[]) =>
    blocks.map(([kind, body]) => `\`\`\`${kind}\n${body}\n\`\`\``).join('\n');

  it.each([
    ['another status', page(['sh', 'curl http://127.0.0.1:3000/health/live\n# → 201']), 'line 3: it is 200, not 201'],
    [
      'a body without a field',
      page(['sh', 'curl http://127.0.0.1:3000/api/v1/auth/me\n# → 401 {"code": "…", "hint": "…"}']),
      'line 3: .hint is missing',
    ],
    ['a command that fails', page(['sh', 'false']), 'line 3: Command failed'],
    ['another value', page(['js', 'console.log({ a: [1] }); // → { a: [1, 2] }']), 'line 2: .0.a has not the length 2'],
    ['an error', page(['js', '\nnull.x;']), 'guide.mjs:3'],
  ])('fails: %s', async (_, markdown, fault) => {
    expect(await run(markdown, server)).toMatchObject({ code: 1, stderr: expect.stringContaining(fault) });
  });

  it('carries variables from block to block', async () => {
    const markdown = page(['sh', 'NAME="a b"'], ['js', 'console.log(1); // → 1'], ['sh', 'test "$NAME" = "a b"']);
    expect(await run(markdown, server)).toMatchObject({ code: 0, steps: 3 });
  });
});
