import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Line, readJson } from './output.ts';

/** A message with the lines around it: those of its files before it, its reactions after it. */
export type Sent = Readonly<{ at: number; id: string; lines: readonly Line[] }>;

/** Messages that are written to their file together. */
const TOGETHER = 2_000;

/**
 * Sorts messages into their conversations, by their times, with no more of them in memory than those of one conversation: systems export them in
 * the order of their ids, or with replies below their roots.
 */
export async function createSorter() {
  const folder = await mkdtemp(path.join(tmpdir(), 'convert-'));
  const files = new Map<string, string>();
  const waiting = new Map<string, string[]>();
  let count = 0;
  const flush = async () => {
    for (const [file, lines] of waiting) await appendFile(file, lines.join(''));
    waiting.clear();
    count = 0;
  };
  return {
    async add(conversation: string, sent: Sent): Promise<void> {
      const file = files.get(conversation) ?? path.join(folder, String(files.size));
      files.set(conversation, file);
      const lines = waiting.get(file) ?? [];
      waiting.set(file, lines);
      lines.push(`${JSON.stringify(sent)}\n`);
      count += 1;
      if (count >= TOGETHER) await flush();
    },
    /** In order; those of one time as they were added. */
    async sorted(conversation: string): Promise<readonly Sent[]> {
      await flush();
      const file = files.get(conversation);
      const sent: Sent[] = [];
      if (file !== undefined) for await (const each of readJson<Sent>(file)) sent.push(each);
      return sent.toSorted((a, b) => a.at - b.at);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
export type Sorter = Awaited<ReturnType<typeof createSorter>>;

export type Seen = Readonly<{ user: string /** When they last looked, in milliseconds; undefined: not known. */; at: number | undefined }>;

/** How far those have read who have not read everything. */
export function receiptsOf(conversation: string, sent: readonly Sent[], seen: readonly Seen[]): readonly Line[] {
  return seen.flatMap(({ user, at }): Line[] => {
    if (at === undefined) return [];
    const unread = sent.findIndex((message) => message.at > at);
    if (unread < 0) return [];
    return [{ type: 'receipt', conversation, user, read: sent[unread - 1]?.id ?? null }];
  });
}
