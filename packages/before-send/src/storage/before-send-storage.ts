import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { CallGate, HookDirectory, Hooks } from '../application/before-send-ports.ts';
import { createCallGate } from '../application/call-gate.ts';
import { beforeSendSchema } from './before-send-schema.ts';
import { createHookDirectory, createHookRepository } from './hook-repository.ts';

export const beforeSendStorage: StorageParts = {
  repositories: [repository(Hooks, createHookRepository)],
  readers: [reader(HookDirectory, createHookDirectory), reader(CallGate, () => createCallGate())],
  schema: beforeSendSchema,
};
