import { openHouse } from '../support.ts';
import { groupRolesSuite } from './group-roles.suite.ts';

groupRolesSuite(openHouse);
