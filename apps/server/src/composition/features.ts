import type { AppFeature } from '@coucou/features/feature';
import { schemaSetsOf } from '@coucou/postgres/kit/storage-parts';
import * as list from './feature-list.ts';

/** The features of this server, in the order of their names; hooks at one point run in this order, after those that come first. */
export const features: readonly AppFeature[] = Object.values(list);

/** Their tables and functions, beside the core's own. */
export const schemaSets = schemaSetsOf(features.flatMap(({ storage = [] }) => storage));
