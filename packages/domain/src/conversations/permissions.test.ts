import { describe, expect, it } from 'vitest';
import { type ConversationAction, type ConversationType, type MemberRole, may, outranks, permissions } from './permissions.ts';

const roles: readonly MemberRole[] = ['owner', 'admin', 'moderator', 'member'];

/** Written out once more, so that a change of the table is a decision that two places agree on. */
const expected: Record<ConversationType, Record<ConversationAction, string>> = {
  direct: {
    read: 'owner admin moderator member',
    post: 'owner admin moderator member',
    announce: 'owner admin moderator member',
    mentionAll: 'owner admin moderator member',
    skipSlowMode: 'owner admin moderator member',
    react: 'owner admin moderator member',
    pin: 'owner admin moderator member',
    readEdits: 'owner admin moderator member',
    deleteOthers: '',
    addMember: '',
    removeMember: '',
    ban: '',
    mute: '',
    changeRole: '',
    transfer: '',
    invite: '',
    update: '',
    delete: '',
    leave: '',
    triage: '',
  },
  group: {
    read: 'owner admin moderator member',
    post: 'owner admin moderator member',
    announce: 'owner admin',
    mentionAll: 'owner admin moderator',
    skipSlowMode: 'owner admin moderator',
    react: 'owner admin moderator member',
    pin: 'owner admin moderator',
    readEdits: 'owner admin',
    deleteOthers: 'owner admin moderator',
    addMember: 'owner admin moderator',
    removeMember: 'owner admin moderator',
    ban: 'owner admin moderator',
    mute: 'owner admin moderator',
    changeRole: 'owner admin',
    transfer: 'owner',
    invite: 'owner admin moderator',
    update: 'owner admin',
    delete: 'owner',
    leave: 'owner admin moderator member',
    triage: 'owner admin moderator',
  },
};

const cases = Object.entries(expected).flatMap(([type, actions]) =>
  Object.entries(actions).map(([action, allowed]) => [type as ConversationType, action as ConversationAction, allowed] as const),
);

describe('permissions', () => {
  it.each(cases)('in a %s conversation, to %s, belong to: %s', (type, action, allowed) => {
    expect(roles.filter((role) => may(type, role, action)).join(' ')).toBe(allowed);
  });

  it('name no action that this table does not', () => {
    const named = Object.entries(permissions).map(([type, actions]) => [type, Object.keys(actions).toSorted()]);
    expect(named).toEqual(Object.entries(expected).map(([type, actions]) => [type, Object.keys(actions).toSorted()]));
  });
});

describe('rank', () => {
  it('lets each role act on those below it, and an owner on anyone', () => {
    const over = (actor: MemberRole) => roles.filter((target) => outranks(actor, target)).join(' ');
    expect(Object.fromEntries(roles.map((role) => [role, over(role)]))).toEqual({
      owner: 'owner admin moderator member',
      admin: 'moderator member',
      moderator: 'member',
      member: '',
    });
  });
});
