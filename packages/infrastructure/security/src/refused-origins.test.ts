import { describe, expect, it } from 'vitest';
import { createOriginPolicy } from './origins.ts';
import { tellRefused } from './refused-origins.ts';

function policy() {
  let time = 0;
  const told: (string | undefined)[] = [];
  const decide = tellRefused(createOriginPolicy(['https://app.example.com']), {
    onRefused: (origin) => void told.push(origin),
    now: () => time,
  });
  return { decide: (origin: string, host = 'chat.example.com') => decide(origin, host), told, wait: (ms: number) => void (time += ms) };
}

describe('refused origins', () => {
  it('are told, and still refused; allowed ones are not', () => {
    const { decide, told } = policy();
    expect(decide('https://app.example.com')).toBe(true);
    expect(decide('http://192.168.1.20:5173')).toBe(false);
    expect(told).toEqual(['http://192.168.1.20:5173']);
  });

  it('are told once a minute each', () => {
    const { decide, told, wait } = policy();
    for (let call = 0; call < 3; call += 1) decide('http://a.example');
    decide('http://b.example');
    wait(60_000);
    decide('http://a.example');
    expect(told).toEqual(['http://a.example', 'http://b.example', 'http://a.example']);
  });

  it('fill neither memory nor log', () => {
    const { decide, told, wait } = policy();
    for (let index = 0; index < 1_000; index += 1) decide(`http://${index}.example`);
    expect(told).toHaveLength(100);
    wait(60_000);
    decide('http://later.example');
    expect(told.at(-1)).toBe('http://later.example');
  });

  it.each([
    ['http://a.example/path?x', 'http://a.example'],
    ['HTTP://A.example:80', 'http://a.example'],
    ['http://[::1]:5173', 'http://[::1]:5173'],
    ['null', undefined],
    ['file://x', undefined],
    ['http://a.example\nCORS_ORIGINS=*', undefined],
    ['http://a$(id).example', undefined],
    [`http://${'a'.repeat(400)}.example`, undefined],
    ['not an origin', undefined],
  ])('are told without what would be unsafe in a log or a configuration: %j', (origin, safe) => {
    const { decide, told } = policy();
    decide(origin);
    expect(told).toEqual([safe]);
  });

  it('are not told twice for the headers of one answer', () => {
    const { decide, told } = policy();
    expect(decide('http://a.example', '')).toBe(false);
    expect(told).toEqual([]);
  });
});
