import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { openRotatingFile, type RotatingFileOptions } from './rotating-file.ts';

let directory: string;
let at: Date;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coucou-log-'));
  // Of today, since the day of a file is that of its last change.
  at = new Date();
  at.setUTCHours(12);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = () => join(directory, 'server.log');
const files = () =>
  Object.fromEntries(
    readdirSync(directory)
      .toSorted()
      .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  );
const open = (options: Partial<RotatingFileOptions> = {}) =>
  openRotatingFile({ path: path(), maxBytes: 10, keep: 2, now: () => at, ...options });

describe('a rotating file', () => {
  it('gives way when it is full, and keeps as many as were asked for', () => {
    const file = open();
    for (const text of ['aaaa\n', 'bbbb\n', 'cccc\n', 'dddd\n', 'eeee\n', 'ffff\n', 'gggg\n']) file.write(text);
    expect(files()).toEqual({ 'server.log': 'gggg\n', 'server.log.1': 'eeee\nffff\n', 'server.log.2': 'cccc\ndddd\n' });
  });

  it('takes what is larger than a file in one piece, in bytes and not in characters', () => {
    const file = open();
    file.write('a\n');
    file.write(`${'é'.repeat(5)}\n`);
    file.write('b\n');
    expect(files()).toEqual({ 'server.log': 'b\n', 'server.log.1': 'ééééé\n', 'server.log.2': 'a\n' });
  });

  it('begins anew with another day', () => {
    const file = open({ maxBytes: 1_000 });
    file.write('today\n');
    at = new Date(at.getTime() + 86_400_000);
    file.write('tomorrow\n');
    file.write('tomorrow as well\n');
    expect(files()).toEqual({ 'server.log': 'tomorrow\ntomorrow as well\n', 'server.log.1': 'today\n' });
  });

  it('goes on after a restart where it stopped', () => {
    open().write('aaaa\n');
    open().write('bbbb\n');
    open().write('cccc\n');
    expect(files()).toEqual({ 'server.log': 'cccc\n', 'server.log.1': 'aaaa\nbbbb\n' });
  });

  it('keeps none where none is asked for', () => {
    const file = open({ keep: 0 });
    for (const text of ['aaaaaaa\n', 'bbbbbbb\n']) file.write(text);
    expect(files()).toEqual({ 'server.log': 'bbbbbbb\n' });
  });

  it('grows where it cannot be rotated', () => {
    const file = open({ keep: 1 });
    file.write('aaaaaaa\n');
    // A file does not replace a directory.
    mkdirSync(join(directory, 'server.log.1'));
    file.write('bbbbbbb\n');
    expect(readFileSync(path(), 'utf8')).toBe('aaaaaaa\nbbbbbbb\n');
  });

  it('is refused at once where it cannot be opened', () => {
    expect(() => open({ path: join(directory, 'missing', 'server.log') })).toThrow('ENOENT');
  });

  it('holds a log, without its secrets', () => {
    const log = createLogger({ level: 'info', format: 'json', instance: 'node-1', file: { path: path(), maxBytes: 200, keep: 9 } });
    for (let entry = 0; entry < 20; entry += 1) {
      log.info({ entry, password: 'hunter2-hunter2' }, 'happened with Bearer hunter2.hunter2');
      log.flush();
    }
    const texts = Object.values(files());
    expect(texts).toHaveLength(10);
    expect(texts.join('')).not.toContain('hunter2');
    for (const line of texts.join('').trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ instance: 'node-1', password: '[redacted]' });
  });
});
