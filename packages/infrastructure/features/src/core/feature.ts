import { authenticated, closing, connected, operationFailed } from '@coucou/contracts/kernel/connection-events';
import { errors } from '@coucou/domain/kernel/errors';
import { feature } from '../feature.ts';

/** Errors and events of every call and connection. */
export const coreFeature = feature({
  name: 'core',
  errors: [errors],
  connectionEvents: [connected, authenticated, closing, operationFailed],
});
