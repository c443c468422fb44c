import { GroupSizes } from '@coucou/application/conversations/group-sizes';
import { FriendSizes } from '@coucou/application/friends/friend-sizes';
import { MessageSettings } from '@coucou/application/messages/message-settings';
import { discoveryDocument } from '@coucou/docs/discovery';
import type { AppFeature } from '@coucou/features/feature';
import type { Config } from '../config.ts';
import type { Container } from './container.ts';

/** `/.well-known/coucou`: what clients need to know of this server as it is configured. */
export const discoveryOf = (
  config: Config,
  features: readonly AppFeature[],
  container: Container,
  info: Readonly<{ version: string; url?: string }>,
): ReturnType<typeof discoveryDocument> =>
  discoveryDocument({
    ...info,
    features: features.map(({ name }) => name),
    attachments: config.attachments,
    messages: container.resolve(MessageSettings),
    groups: container.resolve(GroupSizes),
    friends: container.resolve(FriendSizes),
    maxPayload: config.maxPayload,
    identityProviders: config.identityProviders,
    transports: config.socketTransports,
    sendsMail: config.smtp !== undefined || config.conveniences,
  });
