import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { closing } from '@coucou/contracts/kernel/connection-events';
import { closeCodes } from '@coucou/realtime/close-codes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { guides, runGuide } from './guide-run.ts';

/** The guides whose examples run, besides "build a client", and how many expectations each has at least. */
const running: readonly (readonly [string, number])[] = [
  ['stay-connected.md', 7],
  ['files.md', 10],
  ['sign-people-in.md', 26],
  ['webhooks.md', 11],
  ['integrations.md', 8],
  ['moderate.md', 16],
  ['before-send-hook.md', 14],
  ['push.md', 6],
  ['bill-your-customers.md', 10],
  ['retention-and-archives.md', 10],
];

const page = (name: string) => readFile(path.join(guides, name), 'utf8');

describe('what the guides show', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let server: SpawnedApp;
  beforeAll(async () => {
    database = await createDatabase();
    // As "sign people in" tells its readers to start it.
    const env = {
      ADMIN_EMAIL: 'owner@example.com',
      ADMIN_PASSWORD: 'an owner of this guide',
      OUTBOUND_ALLOW: '127.0.0.1',
      // As "bill your customers" does.
      SYSTEM_KEY: 'a-system-key-of-the-guide-on-billing',
      STRIPE_WEBHOOK_SECRET: 'whsec_of_this_guide',
      BILLING_PLANS: JSON.stringify([
        { id: 'free', name: 'Free', default: true, limits: { seats: 200, messages: 10_000 } },
        { id: 'team', name: 'Team', prices: ['price_team'], limits: { seats: 'quantity', storageBytes: 10_000_000_000 } },
      ]),
      // As "retention and archives" does.
      SCHEDULES: 'retention.trim=every 1s',
    };
    server = await spawnTestApp({ database, env });
  });
  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  it.each(running)('does what it says: %s', { timeout: 180_000 }, async (name, least) => {
    const { code, stderr, expectations } = await runGuide(await page(name), server);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `expectations met: ${expectations}\n` });
    expect(expectations).toBeGreaterThanOrEqual(least);
  });
});

describe('the guide "stay connected"', () => {
  const reasons = closing.payload.shape.reason.options;

  it('names every reason of `closing`, with its code', async () => {
    const rows = [...(await page('stay-connected.md')).matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, reason, code]) => [
      reason,
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).toEqual(closeCodes);
    expect(rows.map(([reason]) => reason).toSorted()).toEqual(reasons.toSorted());
  });

  it('does something in its code after each of them, on every transport', async () => {
    const code = [...(await page('stay-connected.md')).matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('');
    expect(reasons.filter((reason) => !code.includes(`case '${reason}':`))).toEqual([]);
    expect(reasons.filter((reason) => !code.includes(`${closeCodes[reason]}: '${reason}'`))).toEqual([]);
  });
});

describe.each(['build-a-client.md', 'deploy.md', ...running.map(([name]) => name)])('%s', (name) => {
  it('refers to headings and files that are there', async () => {
    const links = [...(await page(name)).matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^https?:/.test(link));
    expect(links.length).toBeGreaterThan(0);
    const lost = await Promise.all(
      links.map(async (link) => {
        const [file = '', heading] = link.split('#');
        const target = await page(file === '' ? name : file);
        return heading === undefined || headingsOf(target).includes(heading) ? [] : [link];
      }),
    );
    expect(lost.flat()).toEqual([]);
  });
});

/** The anchors that a page has where it is read. */
const headingsOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
