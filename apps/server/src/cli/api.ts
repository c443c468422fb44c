import { pnpmCommand } from '../config/own-command.ts';
import { CommandError } from './command.ts';

/** An answer of the API that is an error. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

type Body = { code?: string; error?: string } | undefined;

/** The HTTP API as a client sees it; `path` is below `/api/v1`. Throws an `ApiError` for what the server refuses. */
export async function callApi<Answer>(
  url: string,
  method: 'GET' | 'POST',
  path: string,
  { token, body }: { token?: string; body?: object } = {},
): Promise<Answer> {
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new CommandError(`no server answers at ${url}; start one with \`${pnpmCommand} start\`, or give another address with --url`, {
      cause: error,
    });
  });
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return answer as Answer;
  // What a server says must not steer the terminal.
  const sentence = answer?.error?.replaceAll(/\p{Cc}/gu, '\uFFFD');
  throw new ApiError(response.status, answer?.code ?? `HTTP ${response.status}`, sentence ?? `the server answered ${response.status}`);
}

function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return undefined;
  }
}

/** Whether a server of ours answers there. */
export const isServing = (url: string): Promise<boolean> =>
  fetch(`${url}/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
