import { describe, expect, it } from 'vitest';
import { createOutbox, type Outcome, type Outgoing } from './outbox.ts';

const stored: Outcome = { status: 'stored', version: 1 };

function outbox(outcomes: Outcome[] = []) {
  const tried: string[] = [];
  const refused: string[] = [];
  let ids = 0;
  const made = createOutbox({
    async send({ clientMessageId, content }: Outgoing) {
      tried.push(`${clientMessageId} ${content}`);
      return outcomes.shift() ?? stored;
    },
    newId: () => `id-${(ids += 1)}`,
    refused: ({ content }, reason) => void refused.push(`${content}: ${reason}`),
    pause: async () => {},
  });
  return { ...made, tried, refused };
}

describe('the outbox', () => {
  it('waits for the connection, and keeps the order', async () => {
    const { add, setOnline, sent, tried } = outbox();
    add('one');
    add('two');
    expect(tried).toEqual([]);
    setOnline(true);
    add('three');
    await sent();
    expect(tried).toEqual(['id-1 one', 'id-2 two', 'id-3 three']);
  });

  it('sends again under the same id what may not have been stored', async () => {
    const { add, setOnline, sent, tried } = outbox([{ status: 'again' }, { status: 'again' }]);
    setOnline(true);
    add('one');
    add('two');
    await sent();
    expect(tried).toEqual(['id-1 one', 'id-1 one', 'id-1 one', 'id-2 two']);
  });

  it('gives up what is refused, and goes on', async () => {
    const { add, setOnline, sent, refused, tried } = outbox([{ status: 'refused', reason: 'no' }]);
    setOnline(true);
    add('bad');
    add('good');
    await sent();
    expect(refused).toEqual(['bad: no']);
    expect(tried).toHaveLength(2);
  });

  it('stops while the connection is down', async () => {
    const box = outbox([{ status: 'again' }]);
    box.add('one');
    box.setOnline(true);
    box.setOnline(false);
    await Promise.resolve();
    expect(box.tried).toEqual(['id-1 one']);
    box.setOnline(true);
    await box.sent();
    expect(box.tried).toEqual(['id-1 one', 'id-1 one']);
  });
});
