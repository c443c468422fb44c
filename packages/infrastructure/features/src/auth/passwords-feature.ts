import { feature } from '../feature.ts';
import { limitSettings } from './limit-settings.ts';

/** Beside the ways to sign in: how often secrets may be tried. */
export const passwordsFeature = feature({ name: 'passwords', settings: limitSettings });
