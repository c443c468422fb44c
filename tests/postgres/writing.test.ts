import { Clock } from '@coucou/application/ports/clock';
import { override } from '@coucou/server/composition/ports';
import { writingSuite } from '../use-cases/messages/writing.suite.ts';
import { openOnPostgres } from './open.ts';

writingSuite((clock) => openOnPostgres({ overrides: [override(Clock, clock)] }));
