import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const section = readme.split('### Where does X live?')[1]?.split('\n## ')[0] ?? '';

/** A row of the README's table: what is looked for, and the places it names, in their order. */
type Row = Readonly<{ sought: string; places: readonly string[] }>;

/** Paths in code from the root of the repository, and targets of links. */
const place = /`((?:packages|apps|tests|docs)\/[^`]+)`|\]\(([^)]+)\)/g;

const table: readonly Row[] = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| looking for'))
  .map((line) => {
    const [, sought = '', answer = ''] = line.split('|');
    return { sought: sought.trim(), places: [...answer.matchAll(place)].map(([, code, link]) => code ?? link ?? '') };
  });

const features = /in every layer: ([a-z, ]+)\./.exec(section)?.[1]?.split(', ') ?? [];

/** The files of a place itself: a newcomer who is sent to a folder looks at what it lists, not below. */
function filesAt(path: string): readonly string[] {
  const full = join(root, path);
  if (statSync(full).isFile()) return [full];
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map(({ name }) => join(full, name));
}

const folders = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

type Question = Readonly<{
  asked: string;
  /** What the newcomer recognises in the left column. */
  row: RegExp;
  feature?: string;
  /** What answers the question, in the words of the source. */
  found: RegExp;
}>;

const questions: readonly Question[] = [
  { asked: 'who may pin', row: /who may/, feature: 'conversations', found: /\bpin: moderators\b/ },
  { asked: 'what a blocked person may not do', row: /what is refused/, feature: 'blocks', found: /\bblockRules = \{[^}]*message: hidden/ },
  { asked: 'how large an attachment may be', row: /its default/, found: /MAX_ATTACHMENT: .*'\d+'/ },
  { asked: 'when sync makes a client start over', row: /how it is decided/, feature: 'sync', found: /function needsWindow\(/ },
  { asked: 'which n-grams a text is found by', row: /how it is decided/, feature: 'messages', found: /function gramsOf\(/ },
  {
    asked: 'what counts as unread',
    row: /how it is decided/,
    feature: 'receipts',
    found: /unreadMessages = [^;]*countable - unreadBase - ownSince/,
  },
  { asked: 'the form of an event between two nodes', row: /frame/, found: /export type Frame = Readonly<\{ head: string; payloads/ },
  { asked: 'who receives a receipt', row: /who receives an event/, feature: 'receipts', found: /receiptsMoved = event<[\s\S]*audience/ },
  { asked: 'what a list of words does to a message', row: /a rule/, feature: 'moderation', found: /\bWordList = / },
  { asked: 'how a message gets its number', row: /numbering/, feature: 'messages', found: /function append_messages[\s\S]*last_seq/ },
  { asked: 'what a refresh of a session does', row: /what an operation does/, feature: 'auth', found: /name: 'auth\.refresh'/ },
  { asked: 'the migration that makes the table of messages', row: /a table/, found: /create table message \(/ },
  {
    asked: 'the text of an error',
    row: /an error and its text/,
    feature: 'conversations',
    found: /CONVERSATION_NOT_FOUND: \['not_found', 'There is no/,
  },
  { asked: 'the name of the variable that holds the database', row: /configuration/, found: /\bDATABASE_URL: / },
  {
    asked: 'who hears that somebody types',
    row: /who receives an event/,
    feature: 'typing',
    found: /kind: 'watchers'[\s\S]*typingChanged = event</,
  },
];

describe('a newcomer with the table of the README alone', () => {
  it.each(questions)('finds $asked in the first folder it names', ({ row, feature = '', found }) => {
    const rows = table.filter(({ sought }) => row.test(sought));
    expect(rows).toHaveLength(1);
    const [first = ''] = rows[0]?.places ?? [];
    expect(first.includes('<feature>')).toBe(feature !== '');
    const files = filesAt(first.replaceAll('<feature>', feature));
    expect(files.filter((file) => found.test(readFileSync(file, 'utf8')))).toHaveLength(1);
  });

  it('is sent to nothing that is not there', () => {
    expect(table.length).toBeGreaterThan(10);
    expect(table.filter(({ places }) => places.length === 0)).toEqual([]);
    const roots = table.flatMap(({ places }) => places).map((each) => each.split('<feature>')[0] ?? '');
    expect(roots.filter((each) => !existsSync(join(root, each)))).toEqual([]);
  });

  it('knows every word by which a layer calls a feature', () => {
    const core = ['kernel', 'ports', 'core', 'metrics', 'tracing'];
    // Of the storage as a whole; the outbox, recurring jobs and the standby belong to all features.
    const storage = ['kit', 'schema', 'seed', 'outbox', 'schedules', 'transactions', 'backup', 'verify', 'standby'];
    expect(folders('packages/infrastructure/features/src').filter((name) => !core.includes(name))).toEqual(features);
    const layers = ['packages/contracts/src', 'packages/application/src', 'packages/domain/src', 'packages/infrastructure/postgres/src'];
    const known = [...features, ...core, ...storage];
    expect(layers.flatMap((layer) => folders(layer).filter((name) => !known.includes(name)))).toEqual([]);
  });
});
