import { sendingSuite } from '../use-cases/messages/sending.suite.ts';
import { openOnPostgres } from './open.ts';

sendingSuite(openOnPostgres);
