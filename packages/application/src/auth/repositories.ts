import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import { token } from '../kernel/token.ts';

export const Sessions = token<SessionRepository>('Sessions');
