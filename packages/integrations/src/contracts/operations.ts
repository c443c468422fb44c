import { operation } from '@coucou/contracts/kernel/operation';
import { id, text } from '@coucou/contracts/kernel/types';
import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { integrationLimits } from '../domain/limits.ts';
import { givenConnector, Integration, integrationId, IssuedIntegration, name } from './integration.ts';

const at = '/admin/integrations';
const ofOne = `${at}/:integrationId`;
const poster = id('user').meta({ description: 'a member of the conversation, as whom it posts' });
const given = [
  'CONVERSATION_NOT_FOUND',
  'INTEGRATION_MEMBER_REQUIRED',
  'INTEGRATION_TARGET_REFUSED',
  'INTEGRATION_NUMBER_INVALID',
  'INTEGRATION_ADDRESS_INVALID',
  'INTEGRATION_CREDENTIALS_REQUIRED',
  'REAUTHENTICATION_REQUIRED',
] as const;

export const listIntegrations = operation({
  name: 'admin.listIntegrations',
  summary: 'The integrations of the account, the newest first.',
  http: { method: 'GET', path: at, status: 200 },
  access: 'admin',
  scope: 'integrations:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(Integration) }),
  errors: [],
});

export const getIntegration = operation({
  name: 'admin.getIntegration',
  summary: 'One integration of the account, with its last health check and its failures.',
  http: { method: 'GET', path: ofOne, status: 200 },
  access: 'admin',
  scope: 'integrations:read',
  input: z.strictObject({ integrationId }),
  output: Integration,
  errors: ['INTEGRATION_NOT_FOUND'],
});

export const createIntegration = operation({
  name: 'admin.createIntegration',
  summary: 'Tie a conversation to a place outside. Where the server makes a secret the answer holds it, which is shown once.',
  http: { method: 'POST', path: at, status: 201 },
  access: 'admin',
  scope: 'integrations:write',
  answersToken: true,
  input: z.strictObject({
    name,
    conversationId: id('conversation'),
    userId: poster.optional(),
    connector: givenConnector,
  }),
  output: IssuedIntegration,
  errors: [...given, 'INTEGRATION_LIMIT_REACHED'],
});

export const updateIntegration = operation({
  name: 'admin.updateIntegration',
  summary: 'Change an integration, or enable and disable it; an absent field is unchanged. A connector is given whole, and keeps its kind.',
  http: { method: 'PATCH', path: ofOne, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'integrations:write',
  input: z.strictObject({
    integrationId,
    name: name.optional(),
    conversationId: id('conversation').optional(),
    userId: poster.optional(),
    connector: givenConnector.optional(),
    enabled: z.boolean().optional(),
  }),
  output: Integration,
  errors: [...given, 'INTEGRATION_NOT_FOUND', 'INTEGRATION_KIND_FIXED'],
});

export const deleteIntegration = operation({
  name: 'admin.deleteIntegration',
  summary: 'Delete an integration, with its credentials and what waits for it.',
  http: { method: 'DELETE', path: ofOne, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'integrations:write',
  input: z.strictObject({ integrationId }),
  errors: ['INTEGRATION_NOT_FOUND'],
});

export const rotateIntegrationSecret = operation({
  name: 'admin.rotateIntegrationSecret',
  summary: 'Replace the token of an incoming webhook, or what signs an outgoing one. The old one is good for nothing from here on.',
  http: { method: 'POST', path: `${ofOne}/secret`, status: 200 },
  access: 'admin',
  scope: 'integrations:write',
  answersToken: true,
  input: z.strictObject({ integrationId }),
  output: IssuedIntegration,
  errors: ['INTEGRATION_NOT_FOUND', 'INTEGRATION_NO_SECRET', 'REAUTHENTICATION_REQUIRED'],
});

export const checkIntegration = operation({
  name: 'admin.checkIntegration',
  summary: `Find out whether an integration works, without telling anybody a message; ${integrationLimits.checksPerMinute} times a minute. \`lastCheck\` of the answer says what was found.`,
  http: { method: 'POST', path: `${ofOne}/health-check`, status: 200 },
  access: 'admin',
  scope: 'integrations:write',
  input: z.strictObject({ integrationId }),
  output: Integration,
  errors: ['INTEGRATION_NOT_FOUND'],
});

const said = text({ min: 1, max: limits.messageText });

export const postIncoming = operation({
  name: 'integrations.post',
  summary: `Post a message into the conversation of an incoming webhook, by its token; ${integrationLimits.incomingPerMinute} times a minute.`,
  http: { method: 'POST', path: '/incoming-webhooks/:token', status: 201, existing: 200 },
  access: 'public',
  input: z
    .strictObject({
      token: z
        .string()
        .max(integrationLimits.token)
        .meta({ description: 'as it was shown once', examples: ['inc_…'] }),
      content: said.optional().meta({ examples: ['The build is green.'] }),
      text: said.optional().meta({ description: 'what other products call the content', examples: ['The build is red.'] }),
      clientMessageId: z.uuid().toLowerCase().optional().meta({ description: 'the same twice is stored once' }),
    })
    .refine(({ content, text: written }) => (content === undefined) !== (written === undefined), {
      error: 'either content or text is needed',
      path: ['content'],
    }),
  output: z.object({ messageId: id('message') }),
  errors: [
    'INTEGRATION_TOKEN_UNKNOWN',
    'INTEGRATION_DISABLED',
    'ACCOUNT_SUSPENDED',
    'PLAN_LIMIT_REACHED',
    'USER_SUSPENDED',
    'USER_MUTED',
    'FORBIDDEN',
    'CONVERSATION_NOT_FOUND',
    'POSTING_NOT_ALLOWED',
    'MESSAGE_REFUSED',
    'HOOK_UNAVAILABLE',
    'SLOW_MODE',
    'CLIENT_MESSAGE_ID_CONFLICT',
  ],
});
