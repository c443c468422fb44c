import { describe, expect, it } from 'vitest';
import { eventOf, type Fault } from './fault-event.ts';

const SAID = 'meet me at noon';
const fault = (fields: Fault['fields'], message = 'a request failed'): Fault => ({ level: 'error', message, fields });
const thrown = (message: string, extra: object = {}) => Object.assign(new Error(message), extra);
const valuesOf = (...of: Parameters<typeof eventOf>) => eventOf(...of).exception?.values ?? [];

describe('the event of a fault', () => {
  it('has the line of the log as its text, and never the message of the error or its causes', () => {
    const error = thrown(`invalid input: ${SAID}`, { code: '22P02', cause: new TypeError(`at ${SAID}`) });
    const event = eventOf(fault({ err: error }), undefined);
    expect(event.exception?.values?.map(({ type, value }) => [type, value])).toEqual([
      ['TypeError', 'a request failed'],
      ['Error', 'a request failed (22P02)'],
    ]);
    expect(JSON.stringify(event)).not.toContain(SAID);
  });

  it('leaves out a line that quotes an error, and one that is missing', () => {
    expect(valuesOf(fault({ err: new Error(SAID) }, `failed: ${SAID}`), undefined)[0]?.value).toBe('an error was logged');
    expect(valuesOf({ level: 'fatal', message: undefined, fields: {} }, undefined)).toEqual([
      { type: 'Error', value: 'an error was logged' },
    ]);
  });

  it.each([
    [{ operation: 'messages.send' }, 'messages.send'],
    [{ job: 'users.trimFeeds' }, 'users.trimFeeds'],
    [{ method: 'POST', route: '/api/v1/users/:userId' }, 'POST /api/v1/users/:userId'],
    [{ route: '/api/v1/users/:userId' }, '/api/v1/users/:userId'],
    [{ event: 'message.created' }, 'message.created'],
    [{ operation: SAID }, undefined],
    [{ route: `/search?q=${SAID}` }, undefined],
    [{ event: SAID }, undefined],
  ])('of %o is of the operation %s', (fields, operation) => {
    expect(eventOf(fault(fields), undefined).tags?.['operation']).toBe(operation);
  });

  it('carries the request, the trace and the first code that is a word', () => {
    const error = thrown('x', { code: SAID, cause: thrown('y', { code: 'ECONNRESET' }) });
    expect(eventOf(fault({ err: error, requestId: 'r-1' }), 't1').tags).toEqual({ requestId: 'r-1', traceId: 't1', code: 'ECONNRESET' });
    expect(eventOf(fault({ requestId: SAID }), undefined).tags).toEqual({});
  });

  it('takes five causes of a circle', () => {
    const error = thrown('x');
    Object.assign(error, { cause: error });
    expect(valuesOf(fault({ err: error }), undefined)).toHaveLength(5);
  });
});

describe('the frames', () => {
  const framesOf = (stack: string, message = 'x') =>
    valuesOf(fault({ err: thrown(message, { stack }) }), undefined)[0]?.stacktrace?.frames ?? [];

  it('begin at the outermost, and name files from where the server is installed on', () => {
    const frames = framesOf(
      [
        'Error: x',
        '    at inner (file:///home/alice/coucou/packages/domain/src/a.ts:3:7)',
        '    at async outer (/home/alice/coucou/node_modules/pg/lib/client.js:10:2)',
        '    at node:internal/timers:5:1',
        '    at file:///home/alice/other.ts:1:2',
      ].join('\n'),
    );
    expect(frames).toEqual([
      { filename: 'other.ts', lineno: 1, colno: 2, in_app: false },
      { filename: 'node:internal/timers', lineno: 5, colno: 1, in_app: false },
      { function: 'outer', filename: 'node_modules/pg/lib/client.js', lineno: 10, colno: 2, in_app: false },
      { function: 'inner', filename: 'packages/domain/src/a.ts', lineno: 3, colno: 7, in_app: true },
    ]);
  });

  it('are none of the lines of the message, whatever they look like', () => {
    const message = `first\n    at ${SAID.replaceAll(' ', '')} (file:///secret/place.ts:1:1)`;
    expect(framesOf(`Error: ${message}\n    at f (file:///x/packages/a.ts:1:2)`, message)).toMatchObject([{ function: 'f' }]);
    expect(framesOf(`Error: another\n    at f (file:///x/packages/a.ts:1:2)`, message)).toEqual([]);
  });
});
