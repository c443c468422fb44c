import { createLogger } from '@coucou/observability/logger';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { originPolicies } from './origin-policies.ts';

const phone = 'http://192.168.1.20:5173';

function policies(env: Record<string, string> = {}) {
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) };
  const log = createLogger({ level: 'info', format: 'json', instance: 'test', destination });
  return { ...originPolicies(loadConfig(env), log), logged };
}
const lineOf = (message = '') => message.split('start again: ')[1];

describe('a refused origin', () => {
  it('is logged with the line that allows it, once for HTTP and sockets', () => {
    const { http, sockets, logged } = policies();
    expect([http(phone, '192.168.1.10:3000'), sockets(phone, '192.168.1.10:3000')]).toEqual([false, false]);
    expect(logged.map(lineOf)).toEqual([`CORS_ORIGINS=${phone}`]);
  });

  it('is allowed by that line, and what was allowed before still is', () => {
    const configured = { CORS_ORIGINS: 'http://192.168.1.9:5173' };
    const { http, logged } = policies(configured);
    http(phone, 'x');
    const [name = '', value = ''] = lineOf(logged[0])?.split('=') ?? [];
    expect(value).toBe(`http://192.168.1.9:5173,${phone}`);
    const then = policies({ [name]: value });
    for (const origin of [phone, 'http://192.168.1.9:5173', 'http://localhost:5173'])
      expect([then.http(origin, 'x'), then.sockets(origin, 'x')]).toEqual([true, true]);
    expect(then.logged).toEqual([]);
  });

  it('of a socket is logged with ALLOWED_ORIGINS where that is set', () => {
    const { sockets, logged } = policies({ ALLOWED_ORIGINS: 'https://app.example.com' });
    expect(sockets(phone, 'x')).toBe(false);
    expect(logged.map(lineOf)).toEqual([`ALLOWED_ORIGINS=https://app.example.com,${phone}`]);
  });

  it('that none can allow is explained', () => {
    const { http, logged } = policies();
    expect(http('null', 'x')).toBe(false);
    expect(logged).toEqual([expect.stringMatching(/opened from a file; serve it from an http or https address/)]);
  });
});
