import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Parts are declared for a whole process, so this has one of its own. */
const program = `
  import { z } from 'zod';
  import { declareMessagePart, Message } from '@coucou/contracts/messages/message';
  import { presentStoredMessage } from '@coucou/features/messages/presenters';
  declareMessagePart('poll', z.number());
  const message = { id: 'i', attachments: [], mentions: [], reactions: [], createdAt: new Date(0), parts: { poll: 1, gone: 2 } };
  const { poll, gone } = presentStoredMessage(message);
  const fields = Object.keys(Message.shape);
  let refusal;
  try { declareMessagePart('late', z.number()); } catch ({ message }) { refusal = message; }
  console.log(JSON.stringify({ poll, gone, fields, refusal }));`;

it('a message shows the parts of the features that are there; one that is declared too late is refused by name', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: import.meta.dirname, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({
    poll: 1,
    fields: expect.arrayContaining(['id', 'poll']),
    refusal: expect.stringMatching(/^the message part late is declared after messages were read/),
  });
});
