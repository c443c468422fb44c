import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function capture(format: 'json' | 'pretty' = 'json') {
  let text = '';
  const log = createLogger({ level: 'trace', format, instance: 'node-1', destination: { write: (line) => void (text += line) } });
  return { log, text: () => text, entry: () => JSON.parse(text.trim().split('\n').at(-1) ?? '') };
}

const SECRET = 'hunter2-hunter2';

describe('the log', () => {
  it('names the instance, the time and the level', () => {
    const { log, entry } = capture();
    log.info({ port: 3000 }, 'ready');
    expect(entry()).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-.+Z$/), instance: 'node-1', port: 3000, msg: 'ready' });
  });

  it.each([
    { password: SECRET },
    { input: { password: SECRET, accessToken: SECRET } },
    { req: { headers: { authorization: SECRET, cookie: SECRET, 'Set-Cookie': SECRET } } },
    { deep: [{ refresh_token: SECRET }, { 'api-key': SECRET }] },
    { message: { content: SECRET } },
    { note: `Bearer ${SECRET}` },
    { url: `postgres://coucou:${SECRET}@db.example.com/coucou` },
  ])('holds no secret of %j', (details) => {
    const { log, text } = capture();
    log.info(details, 'something happened');
    log.child(details).warn('and again');
    expect(text()).toContain('[redacted]');
    expect(text()).not.toContain(SECRET);
  });

  it('holds no secret of a message', () => {
    const { log, text } = capture();
    log.info(`cannot reach redis://:${SECRET}@cache`);
    log.info('token eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl was refused');
    expect(text()).not.toMatch(/hunter2|eyJ/);
  });

  it('names of an error only what an error has', () => {
    const { log, entry, text } = capture();
    const cause = Object.assign(new Error(`no postgres://u:${SECRET}@db`), { code: '28P01', parameters: [SECRET], detail: SECRET });
    log.error({ err: new Error('it failed', { cause }) }, 'oh');
    expect(entry().err).toMatchObject({
      type: 'Error',
      message: 'it failed',
      cause: { code: '28P01', message: 'no postgres://u:[redacted]@db' },
    });
    log.error(cause);
    expect(text()).not.toContain(SECRET);
  });

  it('leaves the rest alone', () => {
    const { log, entry } = capture();
    const details = { code: 'CONVERSATION_NOT_FOUND', contentType: 'text/plain', at: new Date(0), list: [1, 'two', null], tokens: 3 };
    log.info(details, 'fine');
    expect(entry()).toMatchObject({ ...details, at: '1970-01-01T00:00:00.000Z' });
  });

  it('can be read by a person', () => {
    const { log, text } = capture('pretty');
    log.info({ url: 'http://127.0.0.1:3000' }, 'ready');
    expect(text()).toMatch(/INFO.*ready/);
    expect(text()).toContain('http://127.0.0.1:3000');
  });
});

it('is written at once when the end is near', () => {
  const script = `
    import { createLogger } from ${JSON.stringify(new URL('logger.ts', import.meta.url).href)};
    const log = createLogger({ level: 'info', format: 'json', instance: 'node-1' });
    log.info('before');
    log.fatal('the last');
    process.kill(process.pid, 'SIGKILL');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 30_000 });
  const messages = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).msg);
  expect(messages).toEqual(['before', 'the last']);
});
