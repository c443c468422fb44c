import { describe, expect, it } from 'vitest';
import { isLocal } from './conveniences.ts';
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts';

const request = (remoteAddress: string | undefined, headers: Record<string, string>) =>
  ({ headers, raw: { socket: { remoteAddress } } }) as unknown as Parameters<typeof isLocal>[0];

describe('an address', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])('of loopback: %s', (address) => {
    expect(isLoopbackAddress(address)).toBe(true);
  });

  it.each(['', '10.0.0.1', '128.0.0.1', '::ffff:10.0.0.1', '::', '0.0.0.0', '127.0.0.1.example', '127.1', '::2'])(
    'of another kind: %s',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(false);
    },
  );
});

describe('a host name', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '[::1]', '::1'])('of this machine: %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['', 'localhost.example', 'evil.example', '0.0.0.0', '[::]', '192.168.1.7', 'localhost@evil.example'])(
    'of another: %s',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});

describe('a request is local', () => {
  it.each(['localhost', 'localhost:3000', '127.0.0.1:3000', '[::1]:3000'])('for the host %s', (host) => {
    expect(isLocal(request('127.0.0.1', { host }))).toBe(true);
    expect(isLocal(request('::ffff:127.0.0.1', { host }))).toBe(true);
  });

  it('not from another address, nor from a socket that was reset', () => {
    expect(isLocal(request('192.168.1.7', { host: 'localhost' }))).toBe(false);
    expect(isLocal(request(undefined, { host: 'localhost' }))).toBe(false);
  });

  it('not for another host, nor for none', () => {
    for (const host of ['evil.example:3000', 'localhost.evil.example', '192.168.1.7:3000', '1:2:3'])
      expect(isLocal(request('127.0.0.1', { host }))).toBe(false);
    expect(isLocal(request('127.0.0.1', {}))).toBe(false);
  });

  it.each([
    'forwarded',
    'via',
    'x-real-ip',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-original-host',
    'x-client-ip',
    'cf-connecting-ip',
    'true-client-ip',
  ])('not through a proxy that sets %s', (name) => {
    expect(isLocal(request('127.0.0.1', { host: 'localhost', [name]: '' }))).toBe(false);
  });
});
