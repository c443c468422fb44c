import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { repository } from './cruise.ts';

/** The lowest versions without a fault that SECURITY.md names. A copy that another package brings counts as our own does. */
const floors: Readonly<Record<string, string>> = {
  fastify: '5.12.1',
  ws: '8.23.0',
  jose: '6.2.10',
  'engine.io': '6.6.9',
  'socket.io': '4.8.4',
  'socket.io-adapter': '2.5.8',
  'socket.io-parser': '4.2.7',
  '@simplewebauthn/server': '13.3.2',
  'openid-client': '6.8.7',
  '@socket.io/redis-adapter': '8.3.0',
};

const lockfile = parse(readFileSync(path.join(repository, 'pnpm-lock.yaml'), 'utf8')) as { packages: Record<string, object> };
const copies = Object.keys(lockfile.packages).map((key) => ({
  name: key.slice(0, key.lastIndexOf('@')),
  version: key.slice(key.lastIndexOf('@') + 1),
}));

const isAtLeast = (version: string, floor: string): boolean => version.localeCompare(floor, 'en', { numeric: true }) >= 0;

it.each(Object.entries(floors))('every copy of %s is %s or newer', (name, floor) => {
  const versions = copies.filter((copy) => copy.name === name).map(({ version }) => version);
  expect(versions.filter((version) => !isAtLeast(version, floor))).toEqual([]);
  expect(versions).not.toEqual([]);
});

it('an older copy would be found', () => {
  expect(['8.21.3', '8.9.0', '7.99.0'].filter((version) => isAtLeast(version, '8.23.0'))).toEqual([]);
  expect(isAtLeast('8.100.0', '8.23.0')).toBe(true);
});
