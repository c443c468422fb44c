import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { ConfigError } from './config-error.ts';

const providersOf = (env: Record<string, string>) => loadConfig(env).identityProviders;

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

const google = { OAUTH_GOOGLE_CLIENT_ID: 'an-id', OAUTH_GOOGLE_CLIENT_SECRET: 'a-secret' };
const staff = { OAUTH_STAFF_CLIENT_ID: 'an-id', OAUTH_STAFF_ISSUER: 'https://login.example.com/realms/staff' };

describe('identity providers', () => {
  it('are none by default', () => {
    expect(providersOf({})).toEqual([]);
  });

  it('are known where most people know them', () => {
    expect(providersOf({ ...google, OAUTH_GITHUB_CLIENT_ID: 'b', OAUTH_GITHUB_CLIENT_SECRET: 'c' })).toEqual([
      {
        id: 'github',
        name: 'GitHub',
        kind: 'github',
        issuer: 'https://github.com',
        clientId: 'b',
        clientSecret: 'c',
        scopes: 'read:user user:email',
      },
      {
        id: 'google',
        name: 'Google',
        kind: 'oidc',
        issuer: 'https://accounts.google.com',
        clientId: 'an-id',
        clientSecret: 'a-secret',
        scopes: 'openid email profile',
      },
    ]);
  });

  it('accept any OpenID Connect issuer, with or without a client secret', () => {
    expect(providersOf(staff)).toEqual([
      {
        id: 'staff',
        name: 'staff',
        kind: 'oidc',
        issuer: 'https://login.example.com/realms/staff',
        clientId: 'an-id',
        clientSecret: undefined,
        scopes: 'openid email profile',
      },
    ]);
    const named = { ...staff, OAUTH_STAFF_NAME: 'Staff login', OAUTH_STAFF_SCOPES: 'openid email', OAUTH_STAFF_CLIENT_SECRET: 'x' };
    expect(providersOf(named)).toMatchObject([{ name: 'Staff login', scopes: 'openid email', clientSecret: 'x' }]);
  });

  it('may have their secrets in files', () => {
    const config = loadConfig(
      { OAUTH_GOOGLE_CLIENT_ID: 'an-id', OAUTH_GOOGLE_CLIENT_SECRET_FILE: '/run/secret' },
      { readFile: () => 'from a file\n'.replaceAll(' ', '-') },
    );
    expect(config.identityProviders).toMatchObject([{ clientSecret: 'from-a-file' }]);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ OAUTH_GOOGLE_CLIENT_ID: 'a' }, /^OAUTH_GOOGLE_CLIENT_SECRET is missing; /],
    [{ OAUTH_GOOGLE_CLIENT_SECRET: 'a' }, /^OAUTH_GOOGLE_CLIENT_ID is missing; /],
    [{ OAUTH_GITHUB_NAME: 'a' }, /^OAUTH_GITHUB_CLIENT_ID and OAUTH_GITHUB_CLIENT_SECRET are missing; /],
    [{ OAUTH_STAFF_CLIENT_ID: 'a' }, /^OAUTH_STAFF_ISSUER is missing; /],
    [{ ...staff, OAUTH_STAFF_ISSUER: 'login.example.com' }, /^OAUTH_STAFF_ISSUER is "login\.example\.com", but must be /],
    [{ ...staff, OAUTH_STAFF_ISSUER: 'https://login.example.com/?a=b' }, /^OAUTH_STAFF_ISSUER is /],
    [{ ...staff, OAUTH_STAFF_ISSUER: 'https://user:word@login.example.com' }, /^OAUTH_STAFF_ISSUER is /],
    [{ ...staff, OAUTH_STAFF_ISSUER: 'javascript:alert(1)' }, /^OAUTH_STAFF_ISSUER is /],
    [{ ...staff, OAUTH_STAFF_ISSUER: 'http://login.example.com' }, /^OAUTH_STAFF_ISSUER is an http address; /],
    [{ ...staff, OAUTH_STAFF_SCOPES: 'openid "email"' }, /^OAUTH_STAFF_SCOPES is /],
    [{ OUTBOUND_ALLOW: 'https://login.internal' }, /^OUTBOUND_ALLOW is /],
  ])('have to be complete: %j', (env, fault) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(fault)]);
  });

  it('may be on the own network', () => {
    const env = { ...staff, OAUTH_STAFF_ISSUER: 'http://login.internal:8080', OUTBOUND_ALLOW: 'login.internal' };
    expect(loadConfig(env)).toMatchObject({
      outboundAllow: ['login.internal'],
      identityProviders: [{ issuer: 'http://login.internal:8080' }],
    });
  });

  it('never show a secret in a fault', () => {
    expect(faultsOf({ ...google, OAUTH_GOOGLE_CLIENT_SECRET: 'not one word' }).join()).not.toContain('not one word');
  });

  it('are not taken for misspelt setting names', () => {
    expect(loadConfig({ OAUTH_GOOGLE_CLIENTID: 'a' }).warnings).toEqual([
      'OAUTH_GOOGLE_CLIENTID is not a known setting; did you mean OAUTH_GOOGLE_CLIENT_ID?',
    ]);
  });
});
