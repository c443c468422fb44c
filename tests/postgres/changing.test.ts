import { changingSuite } from '../use-cases/messages/changing.suite.ts';
import { openOnPostgres } from './open.ts';

changingSuite(openOnPostgres);
