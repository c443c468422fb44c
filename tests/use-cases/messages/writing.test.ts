import { Clock } from '@coucou/application/ports/clock';
import { override } from '@coucou/server/composition/ports';
import { openHouse } from '../support.ts';
import { writingSuite } from './writing.suite.ts';

writingSuite((clock) => openHouse({ overrides: [override(Clock, clock)] }));
