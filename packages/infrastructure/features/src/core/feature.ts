import { authenticated, closing, connected, operationFailed } from '@coucou/contracts/kernel/connection-events';
import { errors } from '@coucou/domain/kernel/errors';
import { feature } from '../feature.ts';

/** What belongs to every call and connection, and to no feature of the product. */
export const coreFeature = feature({
  name: 'core',
  errors: [errors],
  connectionEvents: [connected, authenticated, closing, operationFailed],
});
