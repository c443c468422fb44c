import type { DomainEvent } from '@coucou/domain/domain-event';
import { account, conversationId, user } from './server.ts';

// Only what announcements and the presenter of these tests read.
const conversation = (accessVersion: number) => ({ id: conversationId, accountId: account, accessVersion });

export const posted = (content: string, accessVersion: number, version = 1) =>
  ({ type: 'message.posted', message: { conversationId, version, content }, accessVersion }) as unknown as DomainEvent;

export const joined = (name: string, accessVersion: number) =>
  ({ type: 'member.joined', conversation: conversation(accessVersion), member: { userId: user(name) } }) as unknown as DomainEvent;

export const left = (name: string, accessVersion: number) =>
  ({
    type: 'member.left',
    conversation: conversation(accessVersion),
    member: { userId: user(name) },
    reason: 'removed',
  }) as unknown as DomainEvent;

export const created = (names: readonly string[], accessVersion: number) =>
  ({
    type: 'conversation.created',
    conversation: conversation(accessVersion),
    members: names.map((name) => ({ userId: user(name) })),
  }) as unknown as DomainEvent;
