import { SignInLimits } from '@coucou/application/auth/sign-in-limits';
import { TrafficRules } from '@coucou/application/ports/traffic-rules';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { ConfigError } from './config-error.ts';

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration of limits', () => {
  it('reads limits as counts per seconds, of which several may hold', () => {
    const valueOf = (env: Record<string, string>) => loadConfig(env).features.find((each) => each.port === SignInLimits)?.value;
    expect(valueOf({})).toEqual({ guesses: [{ limit: 10, windowSeconds: 900 }], signups: [{ limit: 20, windowSeconds: 3600 }] });
    expect(valueOf({ LIMIT_LOGIN: '10/900,3/60', LIMIT_SIGNUP: 'off' })).toEqual({
      guesses: [
        { limit: 10, windowSeconds: 900 },
        { limit: 3, windowSeconds: 60 },
      ],
      signups: [],
    });
    for (const wrong of ['0/60', '10', '10/0', '10/60,', 'on', '-1/60'])
      expect(faultsOf({ LIMIT_LOGIN: wrong })).toEqual([expect.stringMatching(/^LIMIT_LOGIN is .*for example LIMIT_LOGIN=10\/900$/)]);
  });

  it('reads what may be done how often, and how many connections there may be', () => {
    const rulesOf = (env: Record<string, string>) => loadConfig(env).features.find((each) => each.port === TrafficRules)?.value;
    expect(rulesOf({})).toEqual({
      files: { name: 'files', rates: [{ limit: 3_000, windowSeconds: 60 }] },
      rest: { name: 'rest', rates: [{ limit: 100, windowSeconds: 60 }] },
      socketEvents: { name: 'socket-events', rates: [{ limit: 100, windowSeconds: 10 }] },
      userMessages: {
        name: 'user-messages',
        rates: [
          { limit: 30, windowSeconds: 60 },
          { limit: 10, windowSeconds: 5 },
        ],
      },
      conversationMessages: { name: 'conversation-messages', rates: [{ limit: 600, windowSeconds: 60 }] },
      connections: { ofUser: 20, ofNetwork: 200 },
      handshakes: { name: 'handshakes', rates: [{ limit: 600, windowSeconds: 60 }] },
      unauthenticated: { ofNode: 2_000, ofNetwork: 100 },
    });
    expect(rulesOf({ LIMIT_REST: 'off', LIMIT_CONNECTIONS: 'off' })).toMatchObject({ rest: undefined, connections: undefined });
    expect(rulesOf({ LIMIT_CONNECTIONS: '5,50' })).toMatchObject({ connections: { ofUser: 5, ofNetwork: 50 } });
    for (const [name, wrong] of [
      ['LIMIT_REST', '100'],
      ['LIMIT_SOCKET_EVENTS', '0/10'],
      ['LIMIT_USER_MESSAGES', '30/60;10/5'],
      ['LIMIT_CONVERSATION_MESSAGES', 'none'],
      ['LIMIT_CONNECTIONS', '20'],
      ['LIMIT_CONNECTIONS', '20/200'],
      ['LIMIT_HANDSHAKES', '600'],
      ['LIMIT_UNAUTHENTICATED', '2000'],
      ['LIMIT_FILES', '0/60'],
    ] as const)
      expect(faultsOf({ [name]: wrong })).toEqual([expect.stringContaining(`${name} is`)]);
  });
});
