import type { ThreadRepository } from '@coucou/domain/messages/thread-repository';
import { token } from '../kernel/token.ts';

export const Threads = token<ThreadRepository>('Threads');
