import { groupsSuite } from '../use-cases/conversations/groups.suite.ts';
import { openOnPostgres } from './open.ts';

groupsSuite(openOnPostgres);
