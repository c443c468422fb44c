import { randomUUID } from 'node:crypto';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { MessageLog } from '@coucou/application/ports/message-log';
import { ReceiptLog } from '@coucou/application/ports/receipt-log';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { AppFeature } from '@coucou/features/feature';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { coreCatalogue } from '../../support/coucou.ts';
import type { Payload } from '../../support/event-log.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { type Stage, writes } from './writes.ts';

/** Which operations take an idempotency key: derived from what each does, and compared with what its contract says. */

/** What has been written, and by what. */
const count = { units: 0, beside: 0 };

let app: TestApp;
let stage: Stage;
beforeAll(async () => {
  app = await openTestApp({
    overrides: [
      (container) => {
        const [transactions, messages, receipts] = [
          container.resolve(Transactions),
          container.resolve(MessageLog),
          container.resolve(ReceiptLog),
        ];
        container.provide(Transactions, () => counting(transactions, { write: 'units', system: 'beside' }));
        container.provide(MessageLog, () => counting(messages, { append: 'beside' }));
        container.provide(ReceiptLog, () => counting(receipts, { mark: 'beside' }));
      },
    ],
  });
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = undefined;
  stage = { app, alice: await app.person('alice', undefined, 'owner'), bob: await app.person('bob') };
});

function counting<Port extends object>(port: Port, counted: { readonly [Name in keyof Port]?: keyof typeof count }): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const what = counted[name as keyof Port];
      if (what !== undefined) count[what] += 1;
      return Reflect.get(target, name, receiver);
    },
  });
}

async function written(work: () => Promise<Payload>): Promise<Payload> {
  Object.assign(count, { units: 0, beside: 0 });
  return { ...(await work()), ...count };
}

/** Who calls is somebody, and what answers is neither a file nor a session: only such an operation can take a key. */
const mayTakeKey = ({ http, access, answersToken, refreshCookie }: Operation): boolean =>
  http !== undefined &&
  http.method !== 'GET' &&
  (access === 'user' || access === 'admin') &&
  answersToken !== true &&
  refreshCookie === undefined &&
  http.redirect !== true &&
  (http.file === undefined || http.file === 'upload');

/** Of those that are not called here: why they take none. */
const others: Readonly<Record<string, string>> = {
  'admin.createInvite': 'answers a secret',
  'auth.totpConfirm': 'answers recovery codes',
  'auth.renewRecoveryCodes': 'answers recovery codes',
  'auth.passkeyRegisterOptions': 'answers a challenge, and writes nothing',
  'attachments.create': 'answers where to upload, or takes a file',
  'attachments.complete': 'moves files; completing again answers the same',
  'attachments.urls': 'answers signed URLs, and writes nothing',
  'admin.checkIssuer': 'writes nothing',
  'admin.previewMailTemplate': 'writes nothing',
  'admin.testText': 'writes nothing',
  'presence.query': 'writes nothing',
  'sync.conversations': 'writes nothing',
};

const { operations } = coreCatalogue;
const packages = await Promise.all(
  globSync(resolve(import.meta.dirname, '../../../packages/*/src/feature.ts')).map((file) => import(file)),
);
const ofPackages = new Set(
  packages
    .flatMap((module) => Object.values(module as Record<string, AppFeature>).flatMap((each) => each.operations ?? []))
    .map((each) => each.operation),
);
const isOfPackage = (operation: Operation): boolean => ofPackages.has(operation);
const candidates = operations.filter(mayTakeKey);
const byName = new Map(operations.map((operation) => [operation.name, operation]));

describe('the operations that take a key', () => {
  it('are called below, all of them, and every other that could is known', () => {
    const known = new Set([...Object.keys(writes), ...Object.keys(others)]);
    // What takes no key in the package of another team is that team's to know.
    expect(candidates.filter((each) => !known.has(each.name) && !isOfPackage(each)).map(({ name }) => name)).toEqual([]);
    expect(operations.filter((each) => each.idempotencyKey !== undefined && !(each.name in writes)).map(({ name }) => name)).toEqual([]);
    expect([...known].filter((name) => !candidates.some((each) => each.name === name))).toEqual([]);
    expect(operations.filter((each) => each.idempotencyKey !== undefined && !mayTakeKey(each)).map(({ name }) => name)).toEqual([]);
    expect(Object.keys(others).filter((name) => byName.get(name)?.idempotencyKey !== undefined)).toEqual([]);
  });

  const isRecorded = ([name]: readonly [string, unknown]) => byName.get(name)?.idempotencyKey === 'record';
  const recorded = Object.entries(writes).filter(isRecorded);
  const unrecorded = Object.entries(writes).filter((each) => !isRecorded(each));

  it.each(unrecorded)('%s keeps no record, since it does not open exactly one write', async (name, prepare) => {
    const { by, input, more } = await prepare(stage);
    const { units, beside } = await written(() => by.execute(name, input, more) as Promise<Payload>);
    expect([units, beside]).not.toEqual([1, 0]);
  });

  it.each(recorded)('%s with a key takes effect once, and is answered the same', async (name, prepare) => {
    const { by, input, more } = await prepare(stage);
    const withKey = { ...more, idempotencyKey: randomUUID() };
    const first = await written(() => by.execute(name, input, withKey) as Promise<Payload>);
    expect(first).toMatchObject({ units: 1, beside: 0 });
    expect(first['replayed']).toBeUndefined();
    const again = await written(() => by.execute(name, input, withKey) as Promise<Payload>);
    expect(again).toEqual({ ...first, replayed: true, units: 0 });
    const [record] = await app.sql('select status, body from idempotency_record where key = $1', [withKey.idempotencyKey]);
    expect([record.status, JSON.parse(record.body)]).toEqual([first['status'], first['body'] ?? null]);
  });

  it('answer nothing that is called a secret', () => {
    const called = recorded.flatMap(([name]) => {
      const output = byName.get(name)?.output;
      const text = output === undefined ? '{}' : JSON.stringify(z.toJSONSchema(output, { unrepresentable: 'any' }));
      return [...text.matchAll(/"(\w+)":\{/g)].map(([, field = '']) => `${name}: ${field}`);
    });
    expect(called).toContain('invites.create: code');
    const secret = /: (invite|key|\w*(token|secret|password|challenge|upload|recoveryCodes?))$/i;
    expect(called.filter((field) => secret.test(field) && !field.endsWith(': Invite'))).toEqual([]);
  });
});
