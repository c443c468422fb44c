import type { PreferenceRepository } from '@coucou/domain/preferences/preference-repository';
import { token } from '../kernel/token.ts';

export const UserPreferences = token<PreferenceRepository>('UserPreferences');
