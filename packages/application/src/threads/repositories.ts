import type { ThreadRepository } from '@coucou/domain/threads/thread-repository';
import { token } from '../kernel/token.ts';

export const Threads = token<ThreadRepository>('Threads');
