import { presentPage } from './conversations.ts';
import { presentUser } from './users.ts';

export const presentUserPage = presentPage(presentUser);
