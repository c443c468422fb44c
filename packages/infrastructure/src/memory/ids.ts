import type { Ids } from '@coucou/application/ports/ids';
import { asId } from '@coucou/domain/kernel/ids';
import { v7 } from 'uuid';

/** UUIDv7 (RFC 9562): those of one process grow even within one millisecond. */
export const createIds = (): Ids => ({ next: () => asId(v7()) });
