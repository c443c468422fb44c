import { inboxSuite } from '../use-cases/conversations/inbox.suite.ts';
import { openOnPostgres } from './open.ts';

inboxSuite(openOnPostgres);
