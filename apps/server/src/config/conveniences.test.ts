import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';

const SECRET = 'a3f5c9e1b7d2480f96ae31c5d7e8f012';
const postgres = { DATABASE_URL: 'postgres://coucou:hunter2@db:5432/coucou' };

describe('conveniences of development', () => {
  const conveniences = (env: Record<string, string>) => loadConfig({ ...postgres, SECRET_KEY: SECRET, ...env }).conveniences;

  it.each([
    {},
    { HOST: 'localhost' },
    { HOST: '::1' },
    { HOST: '127.0.0.2' },
    { PUBLIC_URL: 'http://localhost:3000' },
    { NODE_ENV: 'test' },
  ])('are there with %j', (env) => expect(conveniences(env)).toBe(true));

  it.each([
    { NODE_ENV: 'production' },
    { NODE_ENV: 'production', HOST: '127.0.0.1' },
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: '192.168.1.7' },
    { HOST: 'chat.example.com' },
    { TRUST_PROXY: '127.0.0.1' },
    { PUBLIC_URL: 'https://chat.example.com' },
  ])('are not there with %j', (env) => expect(conveniences(env)).toBe(false));
});
