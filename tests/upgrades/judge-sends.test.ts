import { expect, it } from 'vitest';
import { createRecorder, type Recorder } from '../faults/harness/recorder.ts';
import { judgeSends } from './judge-sends.ts';

const by = { client: 'alice websocket', user: 'alice' };
const send = ({ invoke }: Recorder, id: string) => invoke(by, { kind: 'send', conversation: 'one', id, value: `message ${id}` });
const message = (id: string) => ({ seq: 1, version: 1, sender: 'alice', id, value: `message ${id}` });

it('a send that was in doubt, and acknowledged when it was repeated, is none that failed, and took as long as both', () => {
  const recorder = createRecorder();
  send(recorder, 'a').unknown();
  send(recorder, 'a').ok({ kind: 'send', message: message('a') });
  recorder.attempts.push({ at: 0, ms: 1, node: 0, over: 'socket', outcome: 'fail', code: 'OVERLOADED' });
  const log = recorder.log.map((entry, at) => ({ ...entry, at: at * 100 }));
  expect(judgeSends({ ...recorder, log })).toEqual({ findings: [], longestMs: 300 });
});

it('a send that nobody acknowledged has failed, and so has one that was refused', () => {
  const recorder = createRecorder();
  send(recorder, 'a').unknown();
  recorder.attempts.push({ at: 0, ms: 1, node: 1, over: 'http', outcome: 'fail', code: 'UNAUTHENTICATED' });
  expect(judgeSends(recorder)).toEqual({
    findings: ['a send was refused by node 2: UNAUTHENTICATED', 'a send was never acknowledged: message a'],
    longestMs: 0,
  });
});
