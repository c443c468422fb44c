import { errors } from '@coucou/domain/kernel/errors';
import { describe, expect, it } from 'vitest';
import { createLogBuffer } from './log-buffer.ts';

const counter = () => {
  const self = { value: 0, add: (by = 1) => void (self.value += by) };
  return self;
};

function buffer({ capacity = 10, batch = 4 } = {}) {
  const batches: string[][] = [];
  const lines: string[] = [];
  const state: { fault: Error | undefined; meanwhile: (() => void) | undefined } = { fault: undefined, meanwhile: undefined };
  const [written, lost] = [counter(), counter()];
  const at = (level: string) => (fields: unknown) => void lines.push(`${level} ${(fields as { lost?: number }).lost ?? ''}`.trim());
  const rows = createLogBuffer<string>({
    name: 'test',
    async write(some) {
      await Promise.resolve();
      state.meanwhile?.();
      if (state.fault !== undefined) throw state.fault;
      batches.push([...some]);
    },
    written,
    lost,
    log: { warn: at('warn'), info: at('info') },
    capacity,
    batch,
  });
  const put = (...names: string[]) => names.forEach((name) => rows.put(name, name));
  return { rows, put, batches, lines, written, lost, state };
}

const away = errors.SERVICE_UNAVAILABLE();

describe('a buffer of log rows', () => {
  it('writes what waits in batches, one statement each, and nothing where nothing waits', async () => {
    const { rows, put, batches, written } = buffer();
    await rows.flush();
    put('a', 'b', 'c', 'd', 'e');
    await rows.flush();
    expect(batches).toEqual([['a', 'b', 'c', 'd'], ['e']]);
    expect(written.value).toBe(5);
  });

  it('writes the newest row of a key', async () => {
    const { rows, batches } = buffer();
    rows.put('a', 'begun');
    rows.put('a', 'ended');
    await rows.flush();
    expect(batches).toEqual([['ended']]);
  });

  it('keeps what the database cannot take for now, and loses what finds no room', async () => {
    const { rows, put, batches, lines, lost, state } = buffer({ capacity: 3 });
    state.fault = away;
    put('a', 'b', 'c');
    await rows.flush();
    await rows.flush();
    put('d', 'e');
    // Under its key there is room.
    rows.put('a', 'a later');
    expect([rows.size, lost.value, lines]).toEqual([3, 2, ['warn']]);
    state.fault = undefined;
    await rows.flush();
    expect(batches.flat().toSorted()).toEqual(['a later', 'b', 'c']);
    expect(lines).toEqual(['warn', 'info 2']);
  });

  it('does not write an old row over one that came while its batch failed', async () => {
    const { rows, batches, state } = buffer();
    rows.put('a', 'begun');
    Object.assign(state, { fault: away, meanwhile: () => rows.put('a', 'ended') });
    await rows.flush();
    Object.assign(state, { fault: undefined, meanwhile: undefined });
    await rows.flush();
    expect(batches).toEqual([['ended']]);
  });

  it('counts the rows under way as waiting', async () => {
    const { rows, put, lost, state } = buffer({ capacity: 4 });
    state.meanwhile = () => put('late');
    put('a', 'b', 'c', 'd');
    await rows.flush();
    expect(lost.value).toBe(1);
  });

  it('loses a batch that the database refuses, and goes on with the next', async () => {
    const { rows, put, batches, lost, state } = buffer();
    state.fault = new Error('invalid byte sequence');
    put('a', 'b');
    await rows.flush();
    state.fault = undefined;
    put('c');
    await rows.flush();
    expect([lost.value, batches]).toEqual([2, [['c']]]);
  });

  it('ends with everything written, or counted as lost', async () => {
    const { rows, put, lost, state } = buffer();
    put('a');
    await rows.close();
    state.fault = away;
    put('b', 'c');
    await rows.close();
    expect([lost.value, rows.size]).toEqual([2, 0]);
  });
});
