import { UsageError } from '../cli/command.ts';

/** What the people of a load test do: send a message, mark as read, type, and read the newest page of a history. */
export const actions = ['send', 'read', 'typing', 'history'] as const;
export type Action = (typeof actions)[number];
/** Whole numbers, in proportion to which the actions are done. */
export type Mix = Readonly<Record<Action, number>>;

const isAction = (name: string): name is Action => (actions as readonly string[]).includes(name);

/** Reads `send=8,read=2`; what is not named is not done. */
export function readMix(text: string): Mix {
  const mix: Record<Action, number> = { send: 0, read: 0, typing: 0, history: 0 };
  for (const part of text.split(',')) {
    const [name = '', share = ''] = part.split('=', 2);
    if (!isAction(name) || !/^\d{1,4}$/.test(share))
      throw new UsageError(`--mix must name actions and their shares, such as send=8,read=2; the actions are ${actions.join(', ')}`);
    mix[name] = Number(share);
  }
  if (mix.send === 0) throw new UsageError('--mix must have a share of send: without messages there is nothing to deliver');
  return mix;
}

/** The action at `point`, of [0, 1), when the actions lie side by side with the lengths of their shares. */
export function actionAt(mix: Mix, point: number): Action {
  const total = actions.reduce((sum, each) => sum + mix[each], 0);
  let left = point * total;
  for (const action of actions) {
    left -= mix[action];
    if (left < 0) return action;
  }
  return 'send';
}
