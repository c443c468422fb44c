import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createScreen, textOf } from './screen.ts';

const file = (size: number) => ({ name: 'plan.pdf', size, type: 'application/pdf' });

describe('what a message says', () => {
  it.each([
    [{ content: 'hello' }, 'hello'],
    [{ content: 'look', attachments: [file(999)] }, 'look\n[file: plan.pdf, 999 B, application/pdf]'],
    [
      { attachments: [file(1_000), file(2_560_000)] },
      '[file: plan.pdf, 1.0 KB, application/pdf]\n[file: plan.pdf, 2.6 MB, application/pdf]',
    ],
    [{ attachments: [file(0)] }, '[file: plan.pdf, 0 B, application/pdf]'],
    [{}, '(no text)'],
  ])('%j', (message, text) => {
    expect(textOf(message)).toBe(text);
  });
});

describe('the screen', () => {
  it('shows the name of a file without what would steer the terminal', () => {
    const output = new PassThrough();
    const screen = createScreen({ input: new PassThrough(), output });
    const attachments = [{ name: '\u001B[2Jx', size: 1, type: 'text/plain' }];
    screen.show({ seq: 1, senderId: 'a', createdAt: '2026-01-01T00:00:00.000Z', attachments }, 'bob');
    screen.close();
    expect(String(output.read())).toMatch(/bob: \[file: \uFFFD\[2Jx, 1 B, text\/plain\]\n$/);
  });

  it('echoes in a terminal only', () => {
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
    const output = Object.assign(new PassThrough(), { isTTY: true });
    for (const [screen, echoes] of [
      [createScreen({ input, output }), true],
      [createScreen({ input: new PassThrough(), output }), false],
    ] as const) {
      expect(screen.echoes).toBe(echoes);
      screen.close();
    }
  });
});
