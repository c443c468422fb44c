// What the link of a mail does, when the button is pressed. The token comes in the fragment, and leaves the address bar at once.
const name = document.body.dataset.link ?? '';
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
history.replaceState(null, '', location.pathname);

const form = document.querySelector('form');
const outcome = document.querySelector('#outcome');

async function post(path, body, bearer) {
  const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
  const response = await fetch(`../api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

const actions = {
  async 'verify-email'({ identifier, password }) {
    const { accessToken } = await post('auth/login', { identifier, password });
    try {
      const { email } = await post('auth/email/verify', { token }, accessToken);
      return `${email} is confirmed.`;
    } finally {
      await post('auth/logout', {}, accessToken);
    }
  },
  async 'reset-password'({ password }) {
    await post('auth/password/reset', { token, password });
    return 'Your password is changed. Sign in with it.';
  },
  async 'magic-link'() {
    const { user, accessToken } = await post('auth/magic-links/consume', { token });
    return `You are ${user.username}. This server has no app to go on in; set APP_URL to that of yours. Your access token: ${accessToken}`;
  },
  async 'undo-email-change'() {
    await post('auth/email/undo', { token });
    return 'Your account has this address again. Sign in by a mail to it, or choose a new password.';
  },
  async unsubscribe() {
    await post(`notifications/unsubscribe/${token}`, {});
    return 'No more of these mails will come.';
  },
};

function show(text, failed) {
  outcome.textContent = text;
  outcome.classList.toggle('failed', failed);
}

async function act() {
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    show(await actions[name](Object.fromEntries(new FormData(form))), false);
    form.hidden = true;
  } catch (error) {
    show(error.message, true);
    button.disabled = false;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void act();
});

if (token === '') {
  form.hidden = true;
  show('This page is opened by the link of a mail: open that again.', true);
}
