import { afterAll, describe, expect, it } from 'vitest';
import { as, stubServer } from './stub-server.ts';

const { app } = stubServer();
afterAll(() => app.close());

const call = (method: 'GET' | 'POST', url: string, headers: Record<string, string>) =>
  app.inject({ method, url, headers: { ...headers, ...(method === 'POST' && { 'content-type': 'application/json' }) } });

describe('a program over HTTP', () => {
  it('acts in the account of its API key, where anybody may', async () => {
    const answer = await call('POST', '/api/v1/ping', as('key'));
    expect(answer.json()).toMatchObject({ account: 'account-acme', namedAccount: 'account-acme' });
    expect(answer.json()).not.toHaveProperty('userId');
  });

  it.each([
    ['as a person', 'GET', '/api/v1/notes/7', as('key'), 'FORBIDDEN'],
    ['what is for people who administer', 'POST', '/api/v1/admin/notes', as('key'), 'FORBIDDEN'],
    ['in another account than its own', 'POST', '/api/v1/ping', { ...as('key'), 'x-client-key': 'default' }, 'FORBIDDEN'],
    ['in an account that is not there', 'POST', '/api/v1/ping', { ...as('key'), 'x-client-key': 'nobody' }, 'FORBIDDEN'],
    ['as the operator, as a person', 'GET', '/api/v1/notes/7', as('operator'), 'FORBIDDEN'],
    [
      'as the operator, in an account that is not there',
      'POST',
      '/api/v1/ping',
      { ...as('operator'), 'x-client-key': 'nobody' },
      'UNAUTHENTICATED',
    ],
  ] as const)('does not act %s', async (_, method, url, headers, code) => {
    expect((await call(method, url, headers)).json()).toMatchObject({ code });
  });
});
