import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientOf } from './client-address.ts';

const request = (remoteAddress: string, forwarded?: string, agent?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded, 'user-agent': agent } }) as unknown as IncomingMessage;

test.each([
  [[], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [['10.0.0.0/8'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
  [['10.0.0.0/8'], '10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  [['10.0.0.0/8'], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [['10.0.0.0/8'], '10.1.2.3', 'nonsense', '10.1.2.3'],
  [['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
  [['fd00::/8', '::1'], '::1', '2001:db8::7, fd00::2', '2001:db8::7'],
  // As proxies of Azure write it, and of AWS where they are told to.
  [['10.0.0.0/8'], '10.1.2.3', '6.6.6.6, 198.51.100.1:50123, 10.9.9.9:443', '198.51.100.1'],
  [['10.0.0.0/8'], '10.1.2.3', '[2001:db8::7]:50123', '2001:db8::7'],
  [['10.0.0.0/8'], '10.1.2.3', '[2001:db8::7]', '2001:db8::7'],
])('with %j as proxies, %s saying %j is %s', (trusted, remote, forwarded, ip) => {
  expect(createClientOf(trusted)(request(remote, forwarded)).ip).toBe(ip);
});

test('a user agent is kept short', () => {
  expect(createClientOf([])(request('::1', undefined, 'x'.repeat(5_000))).userAgent).toHaveLength(512);
});
