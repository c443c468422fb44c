import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { NewMessage } from '@coucou/domain/messages/message';
import type { UserCall } from './call.ts';
import type { Deps, Ports } from './token.ts';

/** Where other packages may step in before something happens: they let it pass, change it, or refuse it by throwing. */
export type HookPoints = {
  /** Before a message is stored. The sender's input stays what a resend is compared with. */
  'message.store': NewMessage;
  /** Before a person becomes a member of a conversation. */
  'member.join': Readonly<{ conversationId: ConversationId; userId: UserId }>;
};

export interface Hook<Point extends keyof HookPoints = keyof HookPoints> {
  readonly name: string;
  readonly at: Point;
  readonly deps: Deps;
  readonly run: (ports: Ports<Deps>, value: HookPoints[Point], call: UserCall) => Promise<HookPoints[Point]>;
}

export const hook = <const D extends Deps, Point extends keyof HookPoints>(definition: {
  name: string;
  at: Point;
  deps: D;
  run: (ports: Ports<D>, value: HookPoints[Point], call: UserCall) => Promise<HookPoints[Point]>;
}): Hook => definition as unknown as Hook;
