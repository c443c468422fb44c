import type { Browser } from '../support/browser.ts';

export type CallbackAnswer = Readonly<{ status: number; location?: URL; code?: string }>;

/** What the callback answers to this browser: where it sends it, or the code of an error. */
export async function callbackAnswer(browser: Browser, url: URL): Promise<CallbackAnswer> {
  const response = await browser.fetch(url.href);
  const location = response.headers.get('location');
  const text = await response.text();
  return {
    status: response.status,
    ...(location === null ? { code: (JSON.parse(text) as { code: string }).code } : { location: new URL(location) }),
  };
}
