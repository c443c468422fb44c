import { describe, expect, it } from 'vitest';
import { createAllowList, isAllowEntry } from './allow-list.ts';

describe('the allow-list', () => {
  it.each([
    ['keycloak.internal', 'https://keycloak.internal/realms/a', true],
    ['keycloak.internal', 'http://keycloak.internal:8080/', true],
    ['keycloak.internal', 'http://KEYCLOAK.internal./', true],
    ['Keycloak.Internal.', 'http://keycloak.internal/', true],
    ['keycloak.internal:8080', 'http://keycloak.internal:8080/', true],
    ['keycloak.internal:8080', 'http://keycloak.internal:8081/', false],
    ['keycloak.internal:80', 'http://keycloak.internal/', true],
    ['keycloak.internal:443', 'https://keycloak.internal/', true],
    ['keycloak.internal:443', 'http://keycloak.internal/', false],
    ['keycloak.internal', 'https://evil.keycloak.internal/', false],
    ['keycloak.internal', 'https://keycloak.internal.evil.example/', false],
    ['keycloak.internal', 'https://evil.example/?keycloak.internal', false],
    ['127.0.0.1', 'http://127.0.0.1:3000/', true],
    ['127.0.0.1', 'http://2130706433/', true],
    ['127.0.0.1', 'http://127.0.0.2/', false],
    ['127.0.0.1', 'http://localhost/', false],
    ['fd00::1', 'http://[fd00:0::1]/', true],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443/', true],
    ['[fd00::1]:8443', 'https://[fd00::1]/', false],
  ])('%s: %s is %s', (entry, url, isAllowed) => {
    expect(createAllowList(['other.internal', entry])(new URL(url))).toBe(isAllowed);
  });

  it('allows nothing when it is empty', () => {
    expect(createAllowList([])(new URL('http://localhost/'))).toBe(false);
  });

  it.each(['', '*', '*.internal', 'https://keycloak.internal', 'keycloak.internal/realms', 'user@host', 'host:port', '10.0.0.0/8', 'a b'])(
    'takes no entry %j, which names no host',
    (entry) => {
      expect(isAllowEntry(entry)).toBe(false);
      expect(() => createAllowList([entry])).toThrow('names no host');
    },
  );
});
