import { describe, expect, it } from 'vitest';
import { createOriginPolicy } from './origins.ts';

describe('the origins that may call', () => {
  it.each([
    ['http://localhost:5173', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:8080', true],
    ['http://192.168.1.5:3000', true],
    ['https://192.168.1.5:3000', true],
    ['http://192.168.1.5:3001', false],
    ['http://192.168.1.6:3000', false],
    ['https://evil.example', false],
    ['https://localhost.evil.example', false],
    ['null', false],
    ['file://localhost', false],
    ['', false],
  ])('are, in development, the own address and this machine: %s → %s', (origin, allowed) => {
    expect(createOriginPolicy(['local'])(origin, '192.168.1.5:3000')).toBe(allowed);
  });

  it('are no page whose name was made to resolve to this server', () => {
    expect(createOriginPolicy(['local'])('http://rebound.example:3000', 'rebound.example:3000')).toBe(false);
    expect(createOriginPolicy(['local'])('http://[fe80::1]:3000', '[fe80::1]:3000')).toBe(true);
  });

  it('are both, where the list says so', () => {
    const isAllowed = createOriginPolicy(['local', 'http://192.168.1.20:5173']);
    const asked = ['http://192.168.1.20:5173', 'http://localhost:5173', 'http://192.168.1.21:5173', 'local'];
    expect(asked.filter((origin) => isAllowed(origin, 'chat.example.com'))).toEqual(asked.slice(0, 2));
  });

  it.each([
    ['https://app.example.com', true],
    ['HTTPS://APP.example.com', true],
    ['https://app.example.com.evil.example', false],
    ['http://app.example.com', false],
    ['http://localhost:3000', false],
    ['https://chat.example.com', false],
  ])('are otherwise those of the list: %s → %s', (origin, allowed) => {
    expect(createOriginPolicy(['https://app.example.com/'])(origin, 'chat.example.com')).toBe(allowed);
  });
});
