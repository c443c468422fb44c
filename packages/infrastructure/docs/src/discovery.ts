import type { GroupSizes } from '@coucou/application/conversations/group-sizes';
import { limits } from '@coucou/domain/kernel/limits';
import type { FriendSizes } from '@coucou/domain/friends/friend-request';
import type { MessageSizes } from '@coucou/domain/messages/message-sizes';
import type { DocumentInfo } from './info.ts';

export type DiscoveryOptions = DocumentInfo &
  Readonly<{
    /** Names of the features that this server has. */
    features: readonly string[];
    attachments: Readonly<{ maxBytes: number; quotaBytes: number }>;
    messages: MessageSizes;
    groups: GroupSizes;
    friends: FriendSizes;
    maxPayload: number;
    transports: readonly string[];
    /** Whether links can be sent by mail. */
    sendsMail: boolean;
    /** The configured identity providers. */
    identityProviders: readonly Readonly<{ id: string; name: string }>[];
  }>;

/**
 * What clients learn about a server before they sign in (`/.well-known/coucou`). Addresses are absolute with a public URL, and otherwise
 * relative to where the document was read.
 */
export function discoveryDocument({
  version,
  url = '',
  features,
  attachments,
  messages,
  groups,
  friends,
  maxPayload,
  transports,
  sendsMail,
  identityProviders,
}: DiscoveryOptions) {
  return {
    name: 'Coucou',
    version,
    protocols: { api: ['v1'], socket: [1] },
    addresses: {
      api: `${url}/api/v1`,
      // Clients of Socket.IO take the origin and the path apart.
      socketIo: {
        ...(url !== '' && { url: new URL(url).origin }),
        path: `${url === '' ? '' : new URL(url).pathname.replace(/\/$/, '')}/socket.io/`,
      },
      webSocket: `${url.replace(/^http/, 'ws')}/ws`,
      docs: `${url}/docs`,
      openapi: `${url}/openapi.json`,
      asyncapi: `${url}/asyncapi.json`,
      keys: `${url}/.well-known/jwks.json`,
    },
    socketTransports: [...transports],
    signIn: ['password', 'passkey', ...(sendsMail ? ['magic_link'] : []), ...(identityProviders.length === 0 ? [] : ['oauth'])],
    identityProviders: identityProviders.map(({ id, name }) => ({ id, name, url: `${url}/api/v1/auth/oauth/${id}` })),
    features: [...features].toSorted(),
    limits: {
      payloadBytes: maxPayload,
      messageText: messages.mostText,
      messageDataBytes: messages.mostData,
      customDataBytes: limits.customData,
      messageAttachments: messages.mostAttachments,
      messageReactions: messages.mostReactions,
      attachmentBytes: attachments.maxBytes,
      attachmentQuotaBytes: attachments.quotaBytes,
      mentions: limits.mentions,
      groupMembers: groups.mostMembers,
      groupsOwned: groups.mostGroupsOwned,
      friends: friends.mostFriends,
      pendingFriendRequests: friends.mostPending,
      page: limits.page.max,
      batch: limits.batch,
      syncConversations: limits.sync.conversations,
    },
  };
}

const text = { type: 'string' };
const integer = { type: 'integer' };
const strings = { type: 'array', items: text };
const object = (properties: Readonly<Record<string, object>>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** Its shape, for the OpenAPI document. */
export const discoverySchema = object({
  name: text,
  version: text,
  protocols: object({ api: strings, socket: { type: 'array', items: integer } }),
  addresses: object({
    api: text,
    socketIo: object({ url: text, path: text }, ['url']),
    webSocket: text,
    docs: text,
    openapi: text,
    asyncapi: text,
    keys: text,
  }),
  socketTransports: strings,
  signIn: strings,
  identityProviders: { type: 'array', items: object({ id: text, name: text, url: text }) },
  features: strings,
  limits: object({
    payloadBytes: integer,
    messageText: { type: 'integer', description: 'Unicode code points' },
    messageDataBytes: { type: 'integer', description: 'of custom `data` of a message, as JSON' },
    customDataBytes: { type: 'integer', description: 'of `custom` of a profile or a conversation, as JSON' },
    messageAttachments: integer,
    messageReactions: integer,
    attachmentBytes: integer,
    attachmentQuotaBytes: integer,
    mentions: integer,
    groupMembers: integer,
    groupsOwned: integer,
    friends: integer,
    pendingFriendRequests: integer,
    page: integer,
    batch: integer,
    syncConversations: integer,
  }),
});
