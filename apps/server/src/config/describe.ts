import type { AppFeature, Setting } from '@coucou/features/feature';
import type { Environment } from './read.ts';
import { allSettings } from './settings.ts';
import { exampleProviderSettings } from './sign-in.ts';

const listed = (features: readonly AppFeature[]): [string, Setting][] =>
  Object.entries({ ...allSettings(features), ...exampleProviderSettings() });

/** Which settings this environment gives, and where from; values of secrets are left out. */
export const givenSettings = (env: Environment, features: readonly AppFeature[]): readonly string[] =>
  Object.entries(allSettings(features)).flatMap(([name, { secret }]) => {
    const [value, file] = [env[name], env[`${name}_FILE`]];
    if (file !== undefined && file !== '') return [`${name}, from the file ${file}`];
    if (value === undefined || value === '') return [];
    return [`${name}=${secret === true ? '(secret)' : value}`];
  });

export const processSettings = (features: readonly AppFeature[]): readonly string[] => givenSettings(process.env, features);

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

/** Every setting as a table of Markdown. */
export const settingsTable = (features: readonly AppFeature[]): string =>
  [
    '| setting | what it is | must be | default |',
    '|---|---|---|---|',
    ...listed(features).map(
      ([name, { about, expects, fallback, otherwise }]) =>
        `| \`${name}\` | ${cell(about)} | ${cell(expects)} | ${cell(otherwise ?? (fallback === undefined || fallback === '' ? '' : `\`${fallback}\``))} |`,
    ),
  ].join('\n');
