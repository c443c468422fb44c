import type { ExportRepository } from '@coucou/domain/privacy/export-repository';
import { token } from '../kernel/token.ts';

export const Exports = token<ExportRepository>('Exports');
