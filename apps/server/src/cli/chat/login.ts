import type { Authenticated } from '@coucou/contracts/auth/session';
import type { z } from 'zod';
import { pnpmCommand } from '../../config/own-command.ts';
import { ApiError, callApi } from '../api.ts';
import { CommandError } from '../command.ts';

/** A token is renewed this long before it ends. */
const EARLY_MS = 60_000;

/** Someone signed in, with an access token that is kept fresh. */
export async function logIn(url: string, username: string, password: string) {
  let session = await open(url, username, password);
  let renewing: Promise<void> | undefined;

  async function renew(): Promise<void> {
    try {
      session = await callApi(url, 'POST', '/auth/refresh', { body: { refreshToken: session.refreshToken } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      // The family of tokens has ended; the password still holds.
      session = await open(url, username, password);
    } finally {
      renewing = undefined;
    }
  }
  const expiresInMs = () => Date.parse(session.accessTokenExpiresAt) - Date.now();

  return {
    userId: session.user.id as string,
    /** One that holds for a while. */
    async token(): Promise<string> {
      if (expiresInMs() < EARLY_MS / 2) await (renewing ??= renew());
      return session.accessToken;
    },
    /** When the present token expires. */
    expiresAt: () => session.accessTokenExpiresAt,
    /** When to ask again, in milliseconds. */
    freshForMs: () => Math.max(1_000, expiresInMs() - EARLY_MS / 2),
  };
}

export type Login = Awaited<ReturnType<typeof logIn>>;

async function open(url: string, identifier: string, password: string): Promise<z.infer<typeof Authenticated>> {
  try {
    return await callApi(url, 'POST', '/auth/login', { body: { identifier, password } });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'INVALID_CREDENTIALS') throw error;
    throw new CommandError(
      `${identifier} cannot sign in with this password; create the sample users with \`${pnpmCommand} cli seed\`, or give --password`,
      { cause: error },
    );
  }
}
