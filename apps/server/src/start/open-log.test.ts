import { expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { openLog } from './open-log.ts';

it('says what to do about a file of the log that cannot be opened', () => {
  const config = loadConfig({ LOG_FILE: '/dev/null/server.log' });
  expect(() => openLog(config)).toThrow('LOG_FILE names /dev/null/server.log, which cannot be opened (ENOTDIR)');
});

it('writes JSON into a file, also where a person starts the server', () => {
  expect(loadConfig({ LOG_FILE: 'a.log' }, { isTerminal: true }).log.format).toBe('json');
  expect(loadConfig({ LOG_FILE: 'a.log', LOG_FORMAT: 'pretty' }).log.format).toBe('pretty');
});
