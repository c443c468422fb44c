import { bind } from '@coucou/application/kernel/operation';
import { getPreferences, putPreferences } from '@coucou/application/preferences/preferences';
import { UserPreferences } from '@coucou/application/preferences/repositories';
import * as preferences from '@coucou/contracts/preferences/preferences';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { createPreferenceRepository } from '@coucou/postgres/preferences/preference-repository';
import { feature } from '../feature.ts';
import { presentPreferences } from './presenters.ts';

export const preferencesFeature = feature({
  name: 'preferences',
  operations: [
    bind(preferences.getPreferences, getPreferences, presentPreferences),
    bind(preferences.putPreferences, putPreferences, presentPreferences),
  ],
  storage: {
    repositories: [repository(UserPreferences, createPreferenceRepository)],
  },
});
