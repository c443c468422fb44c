/** Signing in as a demo person, by a convenience of development; all else is the public contract. */

/** A token is renewed this long before it expires. */
const EARLY_MS = 60_000;

export async function post(path, body, accessToken) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), answer);
  return answer;
}

/** `base` is the address of the server. */
export async function signIn(base, username) {
  let current = await post(`${base}/dev/sign-in`, { username });
  let renewing;
  const msLeft = () => Date.parse(current.accessTokenExpiresAt) - Date.now() - EARLY_MS;
  async function renew() {
    const { refreshToken } = current;
    current = await post(`${base}/api/v1/auth/refresh`, { refreshToken }).catch(() => post(`${base}/dev/sign-in`, { username }));
  }
  return {
    user: current.user,
    msLeft,
    /** A valid access token; one refresh at a time. */
    async token() {
      if (msLeft() <= 0) {
        renewing ??= renew().finally(() => (renewing = undefined));
        await renewing;
      }
      return current.accessToken;
    },
  };
}
