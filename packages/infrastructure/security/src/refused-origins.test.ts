import { describe, expect, it } from 'vitest';
import { createOriginPolicy } from './origins.ts';
import { reportRefused } from './refused-origins.ts';

function policy() {
  let time = 0;
  const reported: (string | undefined)[] = [];
  const decide = reportRefused(createOriginPolicy(['https://app.example.com']), {
    onRefused: (origin) => void reported.push(origin),
    now: () => time,
  });
  return { decide: (origin: string, host = 'chat.example.com') => decide(origin, host), reported, wait: (ms: number) => void (time += ms) };
}

describe('refused origins', () => {
  it('are reported, and still refused; allowed ones are not', () => {
    const { decide, reported } = policy();
    expect(decide('https://app.example.com')).toBe(true);
    expect(decide('http://192.168.1.20:5173')).toBe(false);
    expect(reported).toEqual(['http://192.168.1.20:5173']);
  });

  it('are reported once a minute each', () => {
    const { decide, reported, wait } = policy();
    for (let call = 0; call < 3; call += 1) decide('http://a.example');
    decide('http://b.example');
    wait(60_000);
    decide('http://a.example');
    expect(reported).toEqual(['http://a.example', 'http://b.example', 'http://a.example']);
  });

  it('fill neither memory nor log', () => {
    const { decide, reported, wait } = policy();
    for (let index = 0; index < 1_000; index += 1) decide(`http://${index}.example`);
    expect(reported).toHaveLength(100);
    wait(60_000);
    decide('http://later.example');
    expect(reported.at(-1)).toBe('http://later.example');
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
  ])('are reported without what would be unsafe in a log or a configuration: %j', (origin, safe) => {
    const { decide, reported } = policy();
    decide(origin);
    expect(reported).toEqual([safe]);
  });

  it('are not reported twice for the headers of one answer', () => {
    const { decide, reported } = policy();
    expect(decide('http://a.example', '')).toBe(false);
    expect(reported).toEqual([]);
  });
});
