import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOutput, standardOutput } from './output.ts';

/** A reader that takes what it was given when the test says so. */
function slowReader(mostWaiting = 100) {
  let text = '';
  let take = (): void => undefined;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      take = () => {
        text += String(chunk);
        done();
      };
    },
  });
  const dropped: number[] = [];
  const output = createOutput({ to: stream, mostWaiting, onDropped: (count) => dropped.push(count) });
  return { output, stream, dropped, take: () => take(), text: () => text };
}

describe('the output of a log', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is written in batches', () => {
    const { output, take, text } = slowReader();
    output.write('a');
    output.write('b');
    vi.advanceTimersByTime(10);
    take();
    expect(text()).toBe('ab');
  });

  it('holds no more than its limit for a slow reader, and says once how much was dropped', async () => {
    const { output, dropped, take, text } = slowReader(100);
    for (let entry = 0; entry < 30; entry += 1) output.write('x'.repeat(10));
    expect(dropped).toEqual([]);
    output.flushSync();
    output.write('lost');
    take();
    await vi.waitFor(() => expect(text()).toHaveLength(100));
    output.write('room again');
    output.write('and more');
    expect(dropped).toEqual([21]);
    output.flushSync();
    take();
    expect(text().slice(100)).toBe('room againand more');
  });

  it('drops and counts once its reader has gone, and does not wait for it', () => {
    const { output, stream, text } = slowReader();
    stream.destroy(new Error('EPIPE'));
    output.write('lost');
    const done = vi.fn<() => void>();
    output.flush(done);
    expect(done).toHaveBeenCalledOnce();
    expect(text()).toBe('');
  });

  it('says when everything was written', async () => {
    const { output, take } = slowReader();
    output.write('a');
    const done = vi.fn<() => void>();
    output.flush(done);
    expect(done).not.toHaveBeenCalled();
    take();
    await vi.waitFor(() => {
      take();
      expect(done).toHaveBeenCalled();
    });
  });
});

it('listens once for the end of the process and for a broken stream, however many logs there are', () => {
  standardOutput(() => {});
  const { stream } = slowReader();
  const listeners = () => [process.listenerCount('exit'), stream.listenerCount('error')];
  const before = listeners();
  for (let at = 0; at < 20; at += 1) {
    standardOutput(() => {});
    createOutput({ to: stream, onDropped: () => {} });
  }
  expect(listeners()).toEqual(before);
});
