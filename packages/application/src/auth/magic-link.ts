import { authActions } from '@coucou/domain/auth/audit-actions';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { User } from '@coucou/domain/users/user';
import { recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail, requireMail } from '../mail/mail-events.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { mailLimitPorts, mayMail } from './mail-limits.ts';
import { claimLink, type OpenedLink, openLink, requireCurrent } from './mailed-links.ts';
import { answerSignIn, passFirstFactor, signInPorts, signInRepositories } from './sign-in.ts';
import { credentialRepositories, proveMailbox } from './prove-mailbox.ts';
import { Claims } from './repositories.ts';
import { admits } from './sign-up-rules.ts';

/** Looks nobody up, so that the answer takes the same time whether or not somebody has the address. */
export const requestMagicLink = publicUseCase({
  name: 'auth.requestMagicLink',
  deps: { uow: unitOfWork({}), ...mailLimitPorts, ...mailPorts },
  async run({ uow, ...given }, { email }: Readonly<{ email: string }>, call) {
    requireMail(given);
    if (!(await mayMail(given, call, 'magicLink', email))) return;
    await uow.write(call.account, async (tx) => orderMail(given, tx, { kind: 'magicLink', email }));
  },
});

const repositories = { ...signInRepositories, ...credentialRepositories, claims: Claims };
type Tx = Writing<Ports<typeof repositories>>;
type Given = Ports<typeof signInPorts>;

/**
 * Somebody new, where anybody may sign up. They get a name that says nothing of the address, since others see it, and choose another
 * when they like.
 */
async function signUp({ ids, clock }: Given, tx: Tx, { content: { account, email } }: OpenedLink, call: Call): Promise<User> {
  const { settings } = await tx.accounts.own();
  if (!admits(settings, email)) throw mailErrors.LINK_INVALID();
  const id = ids.next<'user'>();
  const username = `user-${id.slice(-10)}`;
  const user = User.signUp({ accountId: account, id, username, email, emailVerified: true, displayName: undefined, now: clock.now() });
  await tx.users.add(user, undefined);
  await recordAudit({ ids, clock }, tx, { ...call, account }, authActions.signed_up, { target: id, details: { method: 'magic_link' } });
  return user;
}

/** The person of the link: the one it was sent to, or the current holder of the address, or a new user. */
async function personOf(given: Given, tx: Tx, link: OpenedLink, call: Call): Promise<User> {
  const { userId, email } = link.content;
  if (userId !== undefined) {
    const found = requireCurrent(link, await tx.credentials.lock(userId));
    await claimLink(tx, link);
    return proveMailbox(given, tx, found, call, 'magic_link');
  }
  await claimLink(tx, link);
  const found = await tx.credentials.lockByEmail(email);
  return found === undefined ? signUp(given, tx, link, call) : proveMailbox(given, tx, found, call, 'magic_link');
}

/** Signs in by a link. Following it proves the mailbox: where that is the first proof, all that was attached before is dropped. */
export const consumeMagicLink = publicUseCase({
  name: 'auth.consumeMagicLink',
  deps: { uow: unitOfWork(repositories), ...signInPorts },
  async run({ uow, ...ports }, { token }: Readonly<{ token: string }>, call) {
    const link = openLink(ports, call, token, ['magicLink']);
    const { account } = link.content;
    const outcome = await uow.write(account, async (tx) => {
      const user = await personOf(ports, tx, link, call);
      return passFirstFactor(ports, tx, user, { ...call, account }, { method: 'magic_link' });
    });
    return answerSignIn(ports.access, outcome);
  },
});
