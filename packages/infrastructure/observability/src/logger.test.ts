import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
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
    log.info({ url: 'https://chat.example/api/v1/files/AZNtLnyK-z4_fAFoc?x=1' }, 'GET /api/v1/files/AZNtLnyK was slow');
    expect(text()).not.toMatch(/hunter2|eyJ|AZNt/);
    expect(text()).toContain('GET /api/v1/files/[redacted] was slow');
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
    expect(text()).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: ready \{"url":"http:\/\/127\.0\.0\.1:3000"\}\n$/);
  });

  it('shows a person the stack of an error and of its cause', () => {
    const { log, text } = capture('pretty');
    log.error({ err: new Error('it failed', { cause: new Error('no room') }), room: 7 }, 'oh');
    expect(text()).toMatch(/ERROR: oh \{"room":7\}\n {4}Error: it failed\n {8}at [^]*\n {4}caused by:\n {4}Error: no room\n/);
    expect(text().endsWith('\n')).toBe(true);
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

const logging = (script: string): string[] => [
  '--input-type=module',
  '--eval',
  `import { createLogger } from ${JSON.stringify(new URL('logger.ts', import.meta.url).href)};
   const log = createLogger({ level: 'info', format: process.argv.includes('pretty') ? 'pretty' : 'json', instance: 'node-1' });
   ${script}`,
];

describe('a process whose log nobody reads', () => {
  const flood = `
    for (let i = 0; i < 8_000; i += 1) {
      log.info({ i, filler: 'x'.repeat(1_000) }, 'again');
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    log.fatal('the last');
    process.send({ waiting: process.stdout.writableLength });
    process.on('message', () => process.exit(3));`;

  it.each(['json', 'pretty'])('keeps little of it, and ends (%s)', async (format) => {
    const child = spawn(process.execPath, [...logging(flood), format], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    const [{ waiting }] = (await once(child, 'message')) as [{ waiting: number }];
    child.send('end');
    const [code] = await once(child, 'exit');
    child.stdout?.destroy();
    expect(code).toBe(3);
    // More than 8 MB were logged.
    expect(waiting).toBeLessThan(5 * 1024 * 1024);
  });
});

it('goes on where standard output is full or has no reader', () => {
  const script = `log.info('lost'); await new Promise((resolve) => log.flush(resolve)); log.fatal('lost as well'); process.exit(4);`;
  const full = spawnSync(process.execPath, logging(script), { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'], encoding: 'utf8' });
  expect([full.status, full.stderr]).toEqual([4, '']);
});
