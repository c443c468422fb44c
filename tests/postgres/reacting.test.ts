import { reactingSuite } from '../use-cases/messages/reacting.suite.ts';
import { openOnPostgres } from './open.ts';

reactingSuite(openOnPostgres);
