import type { BlockRepository } from '@coucou/domain/blocks/block-repository';
import { token } from '../kernel/token.ts';

export const Blocks = token<BlockRepository>('Blocks');
