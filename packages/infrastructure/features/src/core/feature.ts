import { keepFigures } from '@coucou/application/metrics/keep-figures';
import { authenticated, closing, connected, operationFailed, rateLimitExceeded } from '@coucou/contracts/kernel/connection-events';
import { errors } from '@coucou/domain/kernel/errors';
import { feature } from '../feature.ts';
import { limitSettings } from './limit-settings.ts';

/** Errors, events and limits of every call and connection, and the figures of the whole. */
export const coreFeature = feature({
  name: 'core',
  errors: [errors],
  connectionEvents: [connected, authenticated, closing, operationFailed, rateLimitExceeded],
  settings: limitSettings,
  jobs: [keepFigures],
});
