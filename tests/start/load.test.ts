import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { command } from './support.ts';

/** The load test of an operator, against a server that runs on the embedded database and makes the people itself. */

let server: SpawnedApp;
beforeAll(async () => {
  server = await spawnTestApp();
});
afterAll(() => server?.stop());

const load = (...args: string[]) =>
  command(['load', '--people', '6', '--group-size', '3', '--rate', '20', '--seconds', '1', ...args], {
    DATA_DIR: path.join(server.directory, 'data'),
  });
const linesOf = (stdout: string) => stdout.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a load test', () => {
  it('steps up, and says what held', async () => {
    const mix = 'send=5,read=2,typing=1,history=2';
    const { code, stdout, stderr } = await load('--steps', '2', '--processes', '2', '--mix', mix, '--p99', '60000', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, second, result] = linesOf(stdout);
    expect(first).toMatchObject({ rate: 20, asked: 20, failed: 0 });
    expect(second).toMatchObject({ rate: 30, asked: 30, failed: 0 });
    expect(result).toMatchObject({ held: { rate: 30 }, people: 6, groupSize: 3, machine: expect.stringContaining('Node') });
  });

  it('ends where something gives way, and says what', async () => {
    const { code, stdout } = await load('--p99', '0.001');
    expect(code).toBe(1);
    expect(stdout).toMatch(/gave way: answers: their p99 was [\d.]+ ms, above 0\.001 ms\nno step held$/);
  });

  it('takes sessions that were opened elsewhere, and says how many it needs', async () => {
    const opened = await command(['load-people', '--people', '2'], { DATA_DIR: path.join(server.directory, 'data') });
    expect(linesOf(opened.stdout)).toEqual([
      expect.objectContaining({ accessToken: expect.any(String) }),
      expect.objectContaining({ userId: expect.any(String) }),
    ]);
    expect(await load('--sessions', path.join(server.directory, 'none'))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/none has 0 sessions, and --people needs 6$/),
    });
  });

  it('says that the server has other sessions than those that were opened here', async () => {
    const opened = await command(['load-people', '--people', '6'], { DATA_DIR: path.join(server.directory, 'data') });
    const file = path.join(server.directory, 'altered.ndjson');
    await writeFile(file, opened.stdout.replaceAll(/"accessToken":"[^"]+/g, '"accessToken":"none'));
    expect(await load('--sessions', file)).toMatchObject({ code: 1, stderr: expect.stringContaining('does not know these sessions') });
  });

  it.each([
    ['--people', '1', '--people must be a whole number from 2 to 20000'],
    ['--group-size', '7', '--people must be at least --group-size, 7'],
    ['--mix', 'read=1', '--mix must have a share of send'],
    ['--factor', '0.5', '--factor must be a number from 1 to 10'],
  ])('refuses %s %s', async (option, value, words) => {
    expect(await load(option, value)).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });
});
