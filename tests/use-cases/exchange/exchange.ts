import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { checkImport } from '@coucou/application/exchange/check-import';
import { exportAccount, exportPorts } from '@coucou/application/exchange/export-account';
import { type AccountImport, importAccount, importPorts } from '@coucou/application/exchange/import-account';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { readLines } from '@coucou/features/exchange/read-lines';
import type { Payload } from '../../support/event-log.ts';
import type { TestApp } from '../../support/test-app.ts';

export type Line = Readonly<Record<string, unknown>>;
export type Files = ReadonlyMap<string, Buffer>;

export const header: Line = { type: 'header', format: 'coucou-export', version: 1 };
export const time = (minute: number): string => new Date(Date.UTC(2020, 0, 1, 8, minute)).toISOString();

/** In chunks that end anywhere. */
async function* chunked(bytes: Buffer, size = 1_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function importInto(
  app: Readonly<{ container: Pick<TestApp['container'], 'portsOf'> }>,
  account: AccountId,
  lines: readonly (Line | string | Buffer)[],
  { files = new Map(), dryRun = false }: { files?: Files; dryRun?: boolean } = {},
): Promise<AccountImport> {
  const bytesOf = (line: Line | string | Buffer) =>
    Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
  const text = Buffer.concat(lines.flatMap((line) => [bytesOf(line), Buffer.from('\n')]));
  const open = async (file: string) => {
    const bytes = files.get(file);
    return bytes && { size: bytes.length, body: Readable.from([bytes]) as AsyncIterable<Buffer> };
  };
  const run = dryRun ? checkImport : importAccount;
  return run(app.container.portsOf(importPorts), { open }, operatorCall(account), readLines(chunked(text)));
}

export async function exportOf(
  app: TestApp,
  account: AccountId,
  passwords = false,
): Promise<{ lines: Payload[]; files: Map<string, Buffer> }> {
  const lines: Payload[] = [];
  const files = new Map<string, Buffer>();
  for await (const entry of exportAccount(app.container.portsOf(exportPorts), { passwords }, operatorCall(account))) {
    if ('line' in entry) lines.push(JSON.parse(JSON.stringify(entry.line)));
    else if ('file' in entry) files.set(entry.file, await buffer(entry.body));
  }
  return { lines, files };
}

/** Equal for exports of equal accounts: ids are replaced by what they name, files by their bytes. */
export function comparable({ lines, files }: Awaited<ReturnType<typeof exportOf>>): string[] {
  const names = new Map<string, string>();
  const places = new Map<string, number>();
  for (const line of lines) {
    if (line.type === 'user') names.set(line.id, `user ${line.username}`);
    if (line.type === 'attachment') names.set(line.id, `file ${line.name}`);
    if (line.type === 'conversation') {
      const people = line.people?.map((id: string) => names.get(id)).toSorted();
      names.set(line.id, line.kind === 'group' ? `group ${line.title}` : `direct ${people}`);
      if (people !== undefined) line.people = people;
    }
    if (line.type === 'message') {
      const place = (places.get(line.conversation) ?? 0) + 1;
      places.set(line.conversation, place);
      names.set(line.id, `message ${names.get(line.conversation)} ${place}`);
    }
  }
  const named = (value: unknown): unknown =>
    typeof value === 'string'
      ? (names.get(value) ?? value)
      : Array.isArray(value)
        ? value.map(named)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, held]) => [key, named(held)]))
          : value;
  return lines
    .filter(({ type }) => type !== 'header')
    .map((line) => ({ ...line, ...(line.file === undefined ? {} : { file: files.get(line.file)?.toString('hex') }) }))
    .map((line) => JSON.stringify(named(line)))
    .toSorted();
}
