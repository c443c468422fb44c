import { openHouse } from '../support.ts';
import { invitesSuite } from './invites.suite.ts';

invitesSuite(openHouse);
