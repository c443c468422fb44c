import { invitesSuite } from '../use-cases/conversations/invites.suite.ts';
import { openOnPostgres } from './open.ts';

invitesSuite(openOnPostgres);
