import { GroupSizes } from '@coucou/application/conversations/group-sizes';
import { FriendSizes } from '@coucou/application/friends/friend-sizes';
import { MessageSettings } from '@coucou/application/messages/message-settings';
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

const valueOf = (env: Record<string, string>, port: symbol) => loadConfig(env).features.find((each) => each.port === port)?.value;

describe('the configuration of sizes', () => {
  it('has the ceilings of the product where nothing is set', () => {
    expect(valueOf({}, MessageSettings)).toMatchObject({ mostText: 5_000, mostData: 8_192, mostAttachments: 10, mostReactions: 30 });
    expect(valueOf({}, GroupSizes)).toEqual({ mostMembers: 10_000, mostGroupsOwned: 500 });
    expect(valueOf({}, FriendSizes)).toEqual({ mostFriends: 5_000, mostPending: 500 });
  });

  it('reads how much one payload holds, and how much waits for one connection', () => {
    expect(loadConfig({})).toMatchObject({ maxPayload: 65_536, maxOutgoingBuffer: 1_048_576 });
    const given = loadConfig({ MAX_PAYLOAD: '4096', MAX_OUTGOING_BUFFER: '67108864' });
    expect(given).toMatchObject({ maxPayload: 4_096, maxOutgoingBuffer: 67_108_864 });
  });

  it('lowers them', () => {
    const env = { MAX_MESSAGE_TEXT: '280', MAX_MESSAGE_DATA: '1024', MAX_MESSAGE_ATTACHMENTS: '0', MAX_REACTIONS: '5' };
    expect(valueOf(env, MessageSettings)).toMatchObject({ mostText: 280, mostData: 1_024, mostAttachments: 0, mostReactions: 5 });
    expect(valueOf({ MAX_GROUP_SIZE: '50', MAX_GROUPS_OWNED: '3' }, GroupSizes)).toEqual({ mostMembers: 50, mostGroupsOwned: 3 });
    expect(valueOf({ MAX_FRIENDS: '20', MAX_PENDING_REQUESTS: '4' }, FriendSizes)).toEqual({ mostFriends: 20, mostPending: 4 });
  });

  it.each([
    ['MAX_PAYLOAD', '1048577', 'a whole number of bytes from 4096 to 1048576; for example MAX_PAYLOAD=65536'],
    ['MAX_PAYLOAD', '1', 'a whole number of bytes from 4096 to 1048576'],
    ['MAX_OUTGOING_BUFFER', '65536', 'a whole number of bytes from 1048576 to 67108864'],
    ['MAX_MESSAGE_TEXT', '5001', 'a whole number of characters from 1 to 5000; for example MAX_MESSAGE_TEXT=5000'],
    ['MAX_MESSAGE_TEXT', '0', 'a whole number of characters from 1 to 5000'],
    ['MAX_MESSAGE_TEXT', 'off', 'a whole number of characters from 1 to 5000'],
    ['MAX_MESSAGE_DATA', '8193', 'a whole number of bytes from 1 to 8192'],
    ['MAX_MESSAGE_ATTACHMENTS', '11', 'a whole number of attachments from 0 to 10'],
    ['MAX_REACTIONS', '31', 'a whole number of reactions from 0 to 30'],
    ['MAX_GROUP_SIZE', '10001', 'a whole number of members from 1 to 10000'],
    ['MAX_GROUPS_OWNED', '501', 'a whole number of groups from 0 to 500'],
    ['MAX_FRIENDS', '5001', 'a whole number of friends from 0 to 5000'],
    ['MAX_PENDING_REQUESTS', '-1', 'a whole number of requests from 0 to 500'],
  ])('refuses %s=%s', (name, wrong, expected) => {
    expect(faultsOf({ [name]: wrong })).toEqual([expect.stringContaining(`${name} is "${wrong}", but must be ${expected}`)]);
  });
});
