import type { Bytes, FileStore } from '@coucou/application/ports/file-store';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { asId } from '@coucou/domain/kernel/ids';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export type StoreUnderTest = Readonly<{
  store: FileStore;
  /** Everything that is kept, unfinished things included. */
  leftovers(): Promise<readonly string[]>;
  /** The same store, when it cannot be reached. */
  broken: FileStore;
  close(): Promise<void>;
}>;

export const MANY = 20_000_000;

export async function* bytesOf(...parts: (string | Uint8Array)[]): Bytes {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

async function* failing(before: Uint8Array, error: Error): Bytes {
  yield before;
  throw error;
}

export async function read(bytes: Bytes | undefined): Promise<Buffer | undefined> {
  if (bytes === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

/** What every store of files does. */
export function storeSuite(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the store of files: ${name}`, () => {
    let under: StoreUnderTest;
    let store: FileStore;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    afterAll(() => under.close());

    const account = asId<'account'>(randomUUID());
    const put = async (content: string | Uint8Array): Promise<FileKey> => {
      const key = store.newKey(account);
      await store.put(key, bytesOf(content), { maxBytes: MANY });
      return key;
    };
    const keys = async (): Promise<Set<string>> => {
      const found = new Set<string>();
      for await (const { key } of store.list()) found.add(key);
      return found;
    };

    it('gives back what it was given, and says how much it was', async () => {
      const key = store.newKey(account);
      expect(key.startsWith(`${account}/`)).toBe(true);
      expect(await store.put(key, bytesOf('one ', 'two ', '', 'three'), { maxBytes: 13 })).toBe(13);
      expect(String(await read(await store.get(key)))).toBe('one two three');
      expect(await store.head(key)).toMatchObject({ key, size: 13, modifiedAt: expect.any(Date) });
    });

    it('keeps bytes as they are, and what is large', async () => {
      const content = randomBytes(12_000_000);
      const key = await put(content);
      expect((await read(await store.get(key)))?.equals(content)).toBe(true);
      expect((await read(await store.get(key, { start: 7_000_000, end: 7_000_099 })))?.equals(content.subarray(7_000_000, 7_000_100))).toBe(
        true,
      );
    });

    it('gives ranges, both ends included', async () => {
      const key = await put('abcdefghij');
      const ranges = [
        [0, 1],
        [3, 5],
        [9, 9],
      ] as const;
      const texts = await Promise.all(ranges.map(async ([start, end]) => String(await read(await store.get(key, { start, end })))));
      expect(texts).toEqual(['ab', 'def', 'j']);
    });

    it('knows what is not there', async () => {
      const key = store.newKey(account);
      expect([await store.get(key), await store.head(key)]).toEqual([undefined, undefined]);
      await store.delete([key]);
      await store.delete([]);
    });

    it('keeps nothing of what is too large', async () => {
      const before = await under.leftovers();
      const key = store.newKey(account);
      await expect(store.put(key, bytesOf('123', '456'), { maxBytes: 5 })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
      await expect(store.put(key, bytesOf(randomBytes(6_000_000), randomBytes(6_000_000)), { maxBytes: 11_999_999 })).rejects.toMatchObject(
        { code: 'PAYLOAD_TOO_LARGE' },
      );
      expect(await store.head(key)).toBeUndefined();
      expect(await under.leftovers()).toEqual(before);
    });

    it.each([
      ['at once', 10],
      ['after a while', 12_000_000],
    ])('keeps nothing of a body that fails %s, and passes its error on', async (_when, size) => {
      const before = await under.leftovers();
      const key = store.newKey(account);
      const error = new Error('the client hung up');
      await expect(store.put(key, failing(randomBytes(size), error), { maxBytes: MANY })).rejects.toBe(error);
      expect(await store.head(key)).toBeUndefined();
      expect(await under.leftovers()).toEqual(before);
    });

    it('lists what there is, and forgets what is deleted', async () => {
      const [one, two, three] = await Promise.all([put('1'), put('22'), put('333')]);
      const found = new Map<string, number>();
      for await (const { key, size, modifiedAt } of store.list()) {
        expect(Math.abs(modifiedAt.getTime() - Date.now())).toBeLessThan(600_000);
        found.set(key, size);
      }
      expect([found.get(one), found.get(two), found.get(three)]).toEqual([1, 2, 3]);
      await store.delete([one, three, one]);
      const left = await keys();
      expect([left.has(one), left.has(two), left.has(three)]).toEqual([false, true, false]);
    });

    it.each(['', '../secret-key', `${account}/../x`, `${account}/${randomUUID()}/x`, `/etc/passwd`, `${account}/%2e%2e`, `${account}\\x`])(
      'rejects %j: it is not a key',
      async (text) => {
        const key = text as FileKey;
        const before = await under.leftovers();
        await expect(store.put(key, bytesOf('x'), { maxBytes: 1 })).rejects.toThrow('not a key');
        await expect(store.get(key)).rejects.toThrow('not a key');
        await expect(store.head(key)).rejects.toThrow('not a key');
        await expect(store.delete([key])).rejects.toThrow('not a key');
        expect(await under.leftovers()).toEqual(before);
      },
    );

    it('says so when it is away', async () => {
      const key = store.newKey(account);
      await expect(under.broken.put(key, bytesOf('x'), { maxBytes: 1 })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    });
  });
}
