import * as conversations from '@coucou/application/conversations/conversation-events';
import type { Announcement } from '@coucou/application/kernel/audience';
import { payloadOf } from '@coucou/application/kernel/payload';
import { messagePosted } from '@coucou/application/messages/message-events';
import type { Announced } from '@coucou/application/ports/event-bus';
import { account, conversationId, user } from './stub-gateway.ts';

// Only what audiences and the payloads of these tests read.
const conversation = (accessVersion: number) => ({ id: conversationId, accountId: account, accessVersion });

const announced = (type: string, announcements: readonly Announcement[], payload: object): Announced => ({
  type,
  account,
  durable: false,
  tellings: announcements.map((announcement) => ({
    ...announcement,
    payload: payloadOf(() => ({ at: new Date().toISOString(), conversationId, name: announcement.event, ...payload })),
  })),
});

type Fabricated = Readonly<{ type: string; audience: (event: never) => readonly Announcement[] }>;
const told = ({ type, audience }: Fabricated, event: object, payload: object = {}) => announced(type, audience(event as never), payload);

export const posted = (content: string, accessVersion: number, version = 1): Announced =>
  told(messagePosted, { message: { conversationId }, accessVersion }, { version, message: { content } });

export const joined = (name: string, accessVersion: number): Announced =>
  told(conversations.memberJoined, { conversation: conversation(accessVersion), member: { userId: user(name) } });

export const left = (name: string, accessVersion: number): Announced =>
  told(conversations.memberLeft, { conversation: conversation(accessVersion), member: { userId: user(name) } });

export const created = (names: readonly string[], accessVersion: number): Announced =>
  told(conversations.conversationCreated, {
    conversation: conversation(accessVersion),
    members: names.map((name) => ({ userId: user(name) })),
  });

/** Presenting it throws. */
export const unpresentable = (event: Announced): Announced => ({
  ...event,
  tellings: event.tellings.map((telling) => ({
    ...telling,
    payload: () => {
      throw new Error('odd');
    },
  })),
});
