import { operation } from '@coucou/contracts/kernel/operation';
import { z } from 'zod';
import { beforeSendLimits as limits } from '../domain/limits.ts';
import {
  address,
  BeforeSendHook,
  content,
  conversationType,
  conversationTypes,
  IssuedBeforeSendHook,
  onFailure,
  TestedBeforeSendHook,
  timeoutMs,
} from './before-send-hook.ts';

const at = '/admin/before-send-hook';

export const getBeforeSendHook = operation({
  name: 'admin.getBeforeSendHook',
  summary: 'The service that is asked about each message before it is stored, and how it does.',
  http: { method: 'GET', path: at, status: 200 },
  access: 'admin',
  scope: 'before-send:read',
  input: z.strictObject({}),
  output: z.object({ hook: BeforeSendHook.optional().meta({ description: 'absent where there is none' }) }),
  errors: [],
});

export const createBeforeSendHook = operation({
  name: 'admin.createBeforeSendHook',
  summary:
    'Have a service of your own accept, change or refuse each message before it is stored. The answer holds the secret, which is shown once.',
  http: { method: 'POST', path: at, status: 201 },
  access: 'admin',
  scope: 'before-send:write',
  answersToken: true,
  input: z.strictObject({
    url: address,
    onFailure,
    timeoutMs: timeoutMs.default(limits.timeoutMs.default),
    conversationTypes: conversationTypes.default(['direct', 'group']),
    enabled: z.boolean().default(true),
  }),
  output: IssuedBeforeSendHook,
  errors: ['BEFORE_SEND_HOOK_URL_REFUSED', 'BEFORE_SEND_HOOK_EXISTS', 'REAUTHENTICATION_REQUIRED'],
});

export const updateBeforeSendHook = operation({
  name: 'admin.updateBeforeSendHook',
  summary: 'Change the before-send hook, or enable and disable it; an absent field is unchanged.',
  http: { method: 'PATCH', path: at, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'before-send:write',
  input: z.strictObject({
    url: address.optional(),
    onFailure: onFailure.optional(),
    timeoutMs: timeoutMs.optional(),
    conversationTypes: conversationTypes.optional(),
    enabled: z.boolean().optional(),
  }),
  output: BeforeSendHook,
  errors: ['BEFORE_SEND_HOOK_NOT_FOUND', 'BEFORE_SEND_HOOK_URL_REFUSED', 'REAUTHENTICATION_REQUIRED'],
});

export const deleteBeforeSendHook = operation({
  name: 'admin.deleteBeforeSendHook',
  summary: 'Delete the before-send hook: messages are asked about no more.',
  http: { method: 'DELETE', path: at, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'before-send:write',
  input: z.strictObject({}),
  errors: ['BEFORE_SEND_HOOK_NOT_FOUND'],
});

export const rotateBeforeSendHookSecret = operation({
  name: 'admin.rotateBeforeSendHookSecret',
  summary: 'Replace the secret of the before-send hook. The old one signs as well for the time of the overlap.',
  http: { method: 'POST', path: `${at}/secret`, status: 200 },
  access: 'admin',
  scope: 'before-send:write',
  answersToken: true,
  input: z.strictObject({ overlapSeconds: z.int().min(0).max(limits.overlapSeconds).default(86_400) }),
  output: IssuedBeforeSendHook,
  errors: ['BEFORE_SEND_HOOK_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
});

export const testBeforeSendHook = operation({
  name: 'admin.testBeforeSendHook',
  summary: 'What the before-send hook says of a text, also while it is disabled. Nothing is stored.',
  http: { method: 'POST', path: `${at}/test`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'before-send:write',
  input: z.strictObject({ text: content, conversationType: conversationType.default('group') }),
  output: TestedBeforeSendHook,
  errors: ['BEFORE_SEND_HOOK_NOT_FOUND'],
});
