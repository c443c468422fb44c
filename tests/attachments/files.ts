import { randomUUID as uuid } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { FileStore } from '@coucou/application/ports/file-store';
import { Clock } from '@coucou/application/ports/clock';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { Attachment } from '@coucou/domain/attachments/attachment';
import { asId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';
import sharp from 'sharp';
import type { EnvironmentOptions } from '../support/environment.ts';
import { startTestApp, type ListeningApp } from '../support/listening-app.ts';
import { everyRepository } from '../support/repositories.ts';
import type { HttpAnswer } from '../support/clients.ts';
import { type Person, signUp } from '../support/people.ts';
import { privateDirectory } from '../support/machine.ts';

/** What there is of attachments, in the database and in the store. */
export type Inventory = Readonly<{
  pending: number;
  ready: number /** Files that no row names, unfinished ones included. */;
  stray: readonly string[] /** Rows' files that are not there. */;
  lost: readonly string[];
}>;

export type AppWithFiles = ListeningApp &
  Readonly<{
    container: Container;
    /** Moves the server's clock. */
    advance(seconds: number): void;
    inventory(): Promise<Inventory>;
  }>;

/** The real server with its files on disk, or where `options` say. */
export async function startWithFiles(options: EnvironmentOptions = {}): Promise<AppWithFiles> {
  const dataDir = await privateDirectory('attachments');
  let container: Container | undefined;
  let ahead = 0;
  const clock: Clock = { now: () => new Date(Date.now() + ahead * 1000) };
  const app = await startTestApp({
    ...options,
    env: { DATA_DIR: dataDir, ...options.env },
    overrides: {
      overrides: [
        (made) => {
          container = made;
          made.provide(Clock, () => clock);
        },
      ],
    },
  });
  if (container === undefined) throw new Error('nothing was composed');
  const ports = { uow: everyRepository(container.resolve(Transactions)), files: container.resolve(FileStore) };
  return {
    ...app,
    container,
    advance(seconds) {
      ahead += seconds;
    },
    async inventory() {
      const stored = new Set<string>();
      for await (const { key } of ports.files.list()) stored.add(key);
      const named = new Set<string>();
      let pending = 0;
      let ready = 0;
      const never = new Date(8_000_000_000_000);
      for (const account of await ports.uow.system('files', (tx) => tx.listAccounts())) {
        const rows = await ports.uow.read(account, (tx) => tx.attachments.listReady(undefined, 10_000));
        ready += rows.length;
        for (const key of rows.flatMap(Attachment.keysOf)) named.add(key);
        pending += await ports.uow.read(account, (tx) => tx.attachments.countExpired({ pendingBefore: never, unusedBefore: new Date(0) }));
      }
      const partial = await readdir(path.join(dataDir, 'uploads', '.partial')).catch(() => []);
      return {
        pending,
        ready,
        stray: [...[...stored].filter((key) => !named.has(key)), ...partial],
        lost: [...named].filter((key) => !stored.has(key)),
      };
    },
  };
}

/** Somebody in an account of their own. */
export async function signUpElsewhere({ url, container }: AppWithFiles, name: string): Promise<Person> {
  const clientKey = uuid();
  await container
    .resolve(Transactions)
    .system('accounts', (tx) => tx.addAccount({ id: asId(uuid()), name: 'Other', clientKey, createdAt: new Date() }));
  return signUp(url, name, { clientKey });
}

export const form = (file: Blob | Uint8Array | string, name = 'a.bin', fields: Readonly<Record<string, string>> = {}): FormData => {
  const data = new FormData();
  for (const [field, value] of Object.entries(fields)) data.append(field, value);
  data.append('file', file instanceof Blob ? file : new Blob([file]), name);
  return data;
};

export const upload = (person: Person, file: Blob | Uint8Array | string, name?: string): Promise<HttpAnswer> =>
  person.http.call('POST', '/api/v1/attachments', form(file, name));

export const open = (
  url: string,
  person: Person | undefined,
  id: string,
  {
    thumbnail = false,
    headers = {},
    method = 'GET',
  }: Readonly<{ thumbnail?: boolean; headers?: Record<string, string>; method?: string }> = {},
): Promise<Response> =>
  fetch(`${url}/api/v1/attachments/${id}${thumbnail ? '/thumbnail' : ''}`, {
    method,
    headers: { ...(person === undefined ? {} : { authorization: `Bearer ${person.accessToken}` }), ...headers },
  });

/** Sends a file to the target that an announcement was answered with, as a client does for any store. */
export async function sendTo(
  url: string,
  target: Readonly<{ url: string; fields: Record<string, string> }>,
  file: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<number> {
  const answer = await fetch(new URL(target.url, url), { method: 'POST', headers, body: form(file, 'x', target.fields) });
  await answer.arrayBuffer();
  return answer.status;
}

export const announce = (person: Person, size: number, name = 'report.bin'): Promise<HttpAnswer> =>
  person.http.call('POST', '/api/v1/attachments', { name, size, type: 'text/html' });

export const complete = (person: Person, id: string): Promise<HttpAnswer> =>
  person.http.call('POST', `/api/v1/attachments/${id}/complete`, {});

export const send = (person: Person, conversation: string, attachmentIds: readonly string[]): Promise<HttpAnswer> =>
  person.http.call('POST', `/api/v1/conversations/${conversation}/messages`, { type: 'file', attachmentIds });

/** A photo with everything in it that must not get out. */
export const photo = (width = 900, height = 600): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 60, b: 20 } } })
    .jpeg()
    .withExif({ IFD0: { Make: 'CANARY-CAMERA', Software: 'CANARY-SOFTWARE' }, IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' } })
    .toBuffer();
