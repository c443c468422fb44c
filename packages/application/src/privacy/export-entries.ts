import type { AccountId, AttachmentId, UserId } from '@coucou/domain/kernel/ids';
import type { Ports } from '../kernel/token.ts';
import type { ArchiveEntry } from '../ports/archives.ts';
import { Clock } from '../ports/clock.ts';
import { FileStore } from '../ports/file-store.ts';
import { type ExportPlace, PersonalDataReader } from './personal-data-reader.ts';

const entryPorts = { reader: PersonalDataReader, files: FileStore, clock: Clock };
type EntryPorts = Ports<typeof entryPorts>;

const ABOUT = {
  what: 'Everything that this service holds of one person.',
  lists:
    'Each list is <name>.json, and its further pages <name>.2.json, <name>.3.json and so on: arrays of objects, times in RFC 3339 (UTC). A list that is not there is empty.',
  files: 'files/<id>/<name>: the files that the person uploaded; uploads.json says more of each.',
  others: 'Other people are in it by id and name. Of conversations that the person has left there is what they did in them.',
};

/** The entries of an export: about it, every list in pages, and the files. */
export async function* exportEntries(ports: EntryPorts, account: AccountId, person: UserId): AsyncGenerator<ArchiveEntry> {
  const { reader, clock } = ports;
  const at = clock.now();
  const json = (name: string, value: unknown): ArchiveEntry => ({
    name: `${name}.json`,
    modifiedAt: at,
    content: `${JSON.stringify(value, undefined, 1)}\n`,
  });
  yield json('about', { ...ABOUT, person, exportedAt: at });
  const pages = new Map<string, number>();
  for (const [index, list] of reader.lists.entries()) {
    let after: ExportPlace | undefined;
    do {
      const { rows, next } = await reader.page(account, person, index, after);
      if (rows.length > 0) {
        const number = (pages.get(list) ?? 0) + 1;
        pages.set(list, number);
        yield json(number === 1 ? list : `${list}.${number}`, rows);
      }
      after = next;
    } while (after !== undefined);
  }
  yield* fileEntries(ports, account, person);
}

async function* fileEntries({ reader, files }: EntryPorts, account: AccountId, person: UserId): AsyncGenerator<ArchiveEntry> {
  for (let after: AttachmentId | undefined; ; ) {
    const page = await reader.files(account, person, after);
    for (const { id, name, key, createdAt } of page) {
      // One that is lost, or was removed since, is in the list of uploads all the same.
      const stored = await files.head(key);
      const body = stored && (await files.get(key));
      if (stored !== undefined && body !== undefined)
        yield { name: `files/${id}/${plainName(name)}`, modifiedAt: createdAt, content: { size: stored.size, body } };
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** A name that every file system takes, and none takes for a path; the real one is in the list of uploads. */
const plainName = (name: string): string =>
  name
    .replaceAll(/[^\w.-]+/g, '_')
    .replace(/^\.+/, '_')
    .slice(-60) || 'file';
