import type { PushAddress, PushServiceName } from '@coucou/domain/notifications/push-address';
import { token } from '../kernel/token.ts';

/** `title` and `text`: what a system shows by itself; absent where the person wants no content. */
export type PushMessage = Readonly<{
  /** For the client's own code: plain JSON, which the service cannot read where it is Web Push. */
  data: Readonly<Record<string, unknown>>;
  title: string | undefined;
  text: string | undefined;
  /** What the app shows as unread. */
  badge: number;
  /** A push with the same key takes the place of one that was not delivered yet: up to 32 characters of URL-safe base64. */
  collapseKey: string;
  urgency: 'normal' | 'high';
  /** For how long the service keeps it for a device that is away. */
  ttlSeconds: number;
}>;

/**
 * `taken`: the service has it. `gone`: there is no such subscription any more. `later`: the service cannot take it now; `retryAfter` is the
 * header of that name. `refused`: it never will, for a reason that is not the device's.
 */
export type PushOutcome =
  | Readonly<{ is: 'taken' }>
  | Readonly<{ is: 'gone' }>
  | Readonly<{ is: 'later'; retryAfter: string | undefined }>
  | Readonly<{ is: 'refused' }>;

/** Hands pushes to the services that reach devices, with this server's own keys. */
export interface PushServices {
  /** Which services it has keys for. `vapidKey`: the public key that browsers subscribe with, URL-safe base64. */
  readonly offers: Readonly<Record<PushServiceName, boolean>> & Readonly<{ vapidKey: string | undefined }>;
  /** Whether an address may be pushed to, as far as that can be told without asking anybody. */
  accepts(address: PushAddress): boolean;
  /** Bounded in time. Rejects where this server's own keys cannot be used. */
  send(address: PushAddress, message: PushMessage): Promise<PushOutcome>;
}
export const PushServices = token<PushServices>('PushServices');
