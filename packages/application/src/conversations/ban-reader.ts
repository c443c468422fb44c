import type { Ban } from '@coucou/domain/conversations/group';
import type { User } from '@coucou/domain/users/user';

export type BanView = Readonly<{ ban: Ban; user: User }>;
