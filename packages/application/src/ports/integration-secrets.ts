import type { AccountId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** Whose secret it is: it is sealed for this integration and opens for no other. */
export type IntegrationOwner = Readonly<{ account: AccountId; integrationId: string }>;

/** What integrations hold that nobody may read. */
export interface IntegrationSecrets {
  /** Plain JSON under the server's secret. Sealing the same twice answers two different texts. */
  seal(owner: IntegrationOwner, credentials: object): string;
  /** Throws for what was not sealed for this integration. */
  open(owner: IntegrationOwner, sealed: string): unknown;
  /** A token that says where it belongs, so that it is found without a look-up across accounts, and 256 random bits. `hash`: its SHA-256, hex. */
  issueToken(owner: IntegrationOwner): Readonly<{ token: string; hash: string }>;
  /** What a token says; undefined for what has not the form of one. Nothing is proven by that: its hash is compared. */
  readToken(token: string): (IntegrationOwner & Readonly<{ hash: string }>) | undefined;
  /** In a time that does not depend on where they differ. */
  isSame(hash: string, other: string): boolean;
}
export const IntegrationSecrets = token<IntegrationSecrets>('IntegrationSecrets');
