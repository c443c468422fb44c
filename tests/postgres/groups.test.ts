import { describe } from 'vitest';
import { groupRolesSuite } from '../use-cases/conversations/group-roles.suite.ts';
import { groupsSuite } from '../use-cases/conversations/groups.suite.ts';
import { openOnPostgres } from './open.ts';

describe('groups', () => {
  groupsSuite(openOnPostgres);
});
describe('roles in groups', () => {
  groupRolesSuite(openOnPostgres);
});
