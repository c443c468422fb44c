import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import type { Payload } from '../support/event-log.ts';
import type { Person } from '../support/people.ts';

export type Archive = Readonly<{
  /** The files by name; lists are parsed, and their pages put together. */
  lists: Readonly<Record<string, Payload[]>>;
  files: Readonly<Record<string, string>>;
  text: string;
}>;

export const requestExport = (person: Person, url: string, path = '/api/v1/users/me/export', signal?: AbortSignal): Promise<Response> =>
  fetch(new URL(path, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${person.accessToken}` },
    ...(signal && { signal }),
  });

/** Rejects for an archive without an end. */
export async function readArchive(body: AsyncIterable<Uint8Array>): Promise<Archive> {
  const unzipped = Readable.from(body).pipe(createGunzip());
  const chunks: Buffer[] = [];
  for await (const chunk of unzipped) chunks.push(chunk as Buffer);
  const lists: Record<string, Payload[]> = {};
  const files: Record<string, string> = {};
  for (const { header, data } of await unpackTar(Buffer.concat(chunks))) {
    const text = Buffer.from(data ?? []).toString();
    files[header.name] = text;
    const [, list] = /^(\w+)(?:\.\d+)?\.json$/.exec(header.name) ?? [];
    if (list !== undefined) (lists[list] ??= []).push(...([] as Payload[]).concat(JSON.parse(text)));
  }
  return { lists, files, text: Object.values(files).join('\n') };
}

export const exported = async (person: Person, url: string): Promise<Archive> => archiveOf(await requestExport(person, url));

export async function archiveOf(response: Response): Promise<Archive> {
  if (response.status !== 200 || response.body === null) throw new Error(`was answered ${response.status}: ${await response.text()}`);
  return readArchive(response.body);
}
