import { bind } from '@coucou/application/kernel/module';
import { createReport } from '@coucou/application/moderation/create-report';
import { screenWords } from '@coucou/application/moderation/screen-words';
import { createReport as reportContract } from '@coucou/contracts/moderation/create-report';
import { presentReport } from '@coucou/features/moderation/presenters';
import type { Module } from '../compose.ts';

export const moderation: Module = {
  name: 'moderation',
  operations: [bind(reportContract, createReport, presentReport, ({ existing }) => existing)],
  hooks: [screenWords],
};
