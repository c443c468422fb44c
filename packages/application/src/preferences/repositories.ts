import type { PreferenceRepository } from '@coucou/domain/preferences/preferences';
import { token } from '../kernel/token.ts';

export const StoredPreferences = token<PreferenceRepository>('StoredPreferences');
