import type { AppFeature } from '@coucou/features/feature';
import * as list from './feature-list.ts';

/** The features of this server, in the order of their names; hooks at one point run in this order. */
export const features: readonly AppFeature[] = Object.values(list);
