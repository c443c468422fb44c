import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { banner } from './ready.ts';

const config = { publicUrl: undefined, database: { kind: 'embedded' }, dataDir: resolve('.data') } as const;
// NO_COLOR is read by the terminal's own method.
const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: WriteStream.prototype.getColorDepth });
const pipe = new PassThrough();
const shown = (more: Partial<Parameters<typeof banner>[0]> = {}) =>
  banner({ config, url: 'http://127.0.0.1:4711', command: 'pnpm', isOpened: false, stream: pipe, ...more });

describe('the banner', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('names the page first, and what to type next', () => {
    expect(shown()).toMatch(/Start here +http:\/\/127\.0\.0\.1:4711\/ {3}\(pnpm start --open opens it\)\n/);
    expect(shown()).toMatch(/^ {4}pnpm cli seed$/m);
    expect(shown({ isOpened: true })).not.toContain('--open');
  });

  it('names the command that the person has', () => {
    expect(shown({ command: 'npx -y pnpm@12' })).toMatch(/npx -y pnpm@12 start --open[\s\S]+^ {4}npx -y pnpm@12 cli seed$/m);
  });

  it('names the address where commands would look into another directory', () => {
    expect(shown({ config: { ...config, dataDir: '/srv/chat' } })).toMatch(/^ {4}pnpm cli seed --url http:\/\/127\.0\.0\.1:4711$/m);
  });

  it('tells of PostgreSQL without the password', () => {
    const database = { kind: 'postgres', url: 'postgres://u:hunter2@db:5432/coucou', ownerUrl: '', backupUrl: '' } as const;
    expect(shown({ config: { ...config, database } })).toMatch(/PostgreSQL at db:5432/);
    expect(shown({ config: { ...config, database } })).not.toContain('hunter2');
  });

  it('is coloured for a terminal only, and as NO_COLOR and FORCE_COLOR say', () => {
    // In a CI, whose log may show no colours, a terminal has none either.
    for (const name of ['NO_COLOR', 'FORCE_COLOR', 'NODE_DISABLE_COLORS', 'CI', 'TEAMCITY_VERSION']) vi.stubEnv(name, undefined);
    vi.stubEnv('TERM', 'xterm-256color');
    const plain = shown();
    expect(plain).toBe(stripVTControlCharacters(plain));
    const coloured = shown({ stream: terminal });
    expect(coloured).not.toBe(plain);
    expect(stripVTControlCharacters(coloured)).toBe(plain);
    vi.stubEnv('NO_COLOR', '1');
    expect(shown({ stream: terminal })).toBe(plain);
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', '1');
    expect(shown()).toBe(coloured);
  });
});
