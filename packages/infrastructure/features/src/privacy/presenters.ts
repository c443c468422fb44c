import type { Erasure as WireErasure } from '@coucou/contracts/privacy/delete';
import type { Erasure } from '@coucou/domain/privacy/erasure';
import type { z } from 'zod';

const STATUS = { soon: 'erasing', 'at last': 'holding', done: 'done' } as const;

export const presentErasure = (erasure: Erasure): z.infer<typeof WireErasure> => ({
  id: erasure.id,
  userId: erasure.userId,
  status: STATUS[erasure.stage],
  step: erasure.step,
  erased: erasure.erased,
  failures: erasure.failures,
  requestedAt: erasure.requestedAt.toISOString(),
  dueAt: erasure.dueAt?.toISOString(),
  finishedAt: erasure.finishedAt?.toISOString(),
});
