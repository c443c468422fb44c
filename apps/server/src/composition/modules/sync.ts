import { bind } from '@coucou/application/kernel/module';
import { sync as syncUseCase } from '@coucou/application/sync/sync';
import { sync as syncContract } from '@coucou/contracts/sync/sync';
import { presentSync } from '@coucou/features/sync/presenters';
import type { Module } from '../compose.ts';

export const sync: Module = {
  name: 'sync',
  operations: [bind(syncContract, syncUseCase, presentSync)],
};
