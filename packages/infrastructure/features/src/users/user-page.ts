import { presentPage } from '../conversations/presenters.ts';
import { presentUser } from './presenters.ts';

export const presentUserPage = presentPage(presentUser);
