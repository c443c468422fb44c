import { randomUUID } from 'node:crypto';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createFileUrls } from './file-urls.ts';

const viewer = () => ({
  account: asId<'account'>(randomUUID()),
  actor: { userId: asId<'user'>(randomUUID()), sessionId: asId<'session'>(randomUUID()) },
});
const photo = () => ({ id: asId<'attachment'>(randomUUID()), hasThumbnail: true });

function urlsAt(start = '2026-01-15T09:31:00.000Z', secret = 'a secret') {
  let now = new Date(start);
  const urls = createFileUrls({ secret, publicUrl: 'https://chat.example', clock: { now: () => now } });
  return { urls, to: (time: string) => (now = new Date(time)) };
}

const tokenOf = (url = '') => url.split('/').at(-1) ?? '';

describe('a signed URL', () => {
  it('names one viewer, one file and one variant', () => {
    const { urls } = urlsAt();
    const [alice, file] = [viewer(), photo()];
    const { url, thumbnailUrl } = urls.signerFor(alice)(file);
    expect(url).toMatch(/^https:\/\/chat\.example\/api\/v1\/files\/[\w-]{114}$/);
    expect(urls.verify(tokenOf(url))).toEqual({ ...alice, attachmentId: file.id, variant: 'file' });
    expect(urls.verify(tokenOf(thumbnailUrl))).toEqual({ ...alice, attachmentId: file.id, variant: 'thumbnail' });
  });

  it('is relative to the server that has no public address, and has no thumbnail where the file has none', () => {
    const urls = createFileUrls({ secret: 's', publicUrl: undefined, clock: { now: () => new Date() } });
    const signed = urls.signerFor(viewer())({ ...photo(), hasThumbnail: false });
    expect([signed.url.startsWith('/api/v1/files/'), signed.thumbnailUrl]).toEqual([true, undefined]);
  });

  it('is the same for one viewer during five minutes, and lives for 10 to 15', () => {
    const { urls, to } = urlsAt('2026-01-15T09:30:00.000Z');
    const [alice, file] = [viewer(), photo()];
    const first = urls.signerFor(alice)(file);
    expect(first.expiresAt).toBe('2026-01-15T09:45:00.000Z');
    to('2026-01-15T09:34:59.999Z');
    expect(urls.signerFor(alice)(file)).toEqual(first);
    to('2026-01-15T09:35:00.000Z');
    expect(urls.signerFor(alice)(file).url).not.toBe(first.url);
    to('2026-01-15T09:44:59.999Z');
    expect(urls.verify(tokenOf(first.url))).toBeDefined();
    to('2026-01-15T09:45:00.000Z');
    expect(urls.verify(tokenOf(first.url))).toBeUndefined();
  });

  it('differs by person, account, session and file', () => {
    const { urls } = urlsAt();
    const [alice, file] = [viewer(), photo()];
    const others = [
      { ...alice, account: viewer().account },
      { ...alice, actor: { ...alice.actor, userId: viewer().actor.userId } },
      { ...alice, actor: { ...alice.actor, sessionId: viewer().actor.sessionId } },
    ];
    const all = [alice, ...others].map((each) => urls.signerFor(each)(file).url);
    expect(new Set([...all, urls.signerFor(alice)(photo()).url]).size).toBe(5);
  });

  it('signs each file of a page for itself', () => {
    const { urls } = urlsAt();
    const sign = urls.signerFor(viewer());
    const page = Array.from({ length: 20 }, photo);
    expect(page.map((file) => urls.verify(tokenOf(sign(file).thumbnailUrl))?.attachmentId)).toEqual(page.map(({ id }) => id));
  });

  it('is worth nothing when any byte of it is another', () => {
    const { urls } = urlsAt();
    const token = Buffer.from(tokenOf(urls.signerFor(viewer())(photo()).url), 'base64url');
    for (const at of token.keys()) {
      const changed = Buffer.from(token);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(urls.verify(changed.toString('base64url'))).toBeUndefined();
    }
  });

  it.each([
    ['empty', () => ''],
    ['shorter', (token: string) => token.slice(0, -4)],
    ['longer', (token: string) => `${token}AAAA`],
    ['spelled otherwise', (token: string) => `${token.slice(0, 9)}.${token.slice(9)}`],
    ['padded', (token: string) => `${token}==`],
  ])('is worth nothing %s', (_, change) => {
    const { urls } = urlsAt();
    expect(urls.verify(change(tokenOf(urls.signerFor(viewer())(photo()).url)))).toBeUndefined();
  });

  it('is worth nothing on a server with another secret', () => {
    const { url } = urlsAt().urls.signerFor(viewer())(photo());
    expect(urlsAt(undefined, 'another secret').urls.verify(tokenOf(url))).toBeUndefined();
  });
});
