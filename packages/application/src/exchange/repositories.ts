import type { ImportRepository } from '@coucou/domain/exchange/import-repository';
import { token } from '../kernel/token.ts';

export const Imports = token<ImportRepository>('Imports');
