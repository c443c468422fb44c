import { Conversations } from '@coucou/application/conversations/repositories';
import { batchSubscriber, subscriber } from '@coucou/application/kernel/subscriber';
import type { Ports } from '@coucou/application/kernel/token';
import { amendMessage, lockMessage } from '@coucou/application/messages/amend-message';
import { messagePosted, messageUpdated } from '@coucou/application/messages/message-events';
import { Messages } from '@coucou/application/messages/repositories';
import { Clock } from '@coucou/application/ports/clock';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { isSame } from '@coucou/domain/kernel/same';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { AccountId, ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import { linkPreviewLimits as limits } from '../domain/limits.ts';
import { type LinkPreview, linksOf, previewOf } from '../domain/link-preview.ts';
import { linksFound } from './link-preview-events.ts';
import { LinkPreviewRepository, PageHeads, PreviewingAccounts } from './link-preview-repository.ts';

/** The part of a message that shows previews. */
const PART = 'linkPreviews';
/** How long a page counts as read, and one that could not be read as such. */
export const KNOWN_SECONDS = 86_400;
const UNKNOWN_SECONDS = 3_600;

const repositories = { conversations: Conversations, messages: Messages };
const deps = { uow: unitOfWork(repositories), accounts: PreviewingAccounts };
type Reading = Ports<typeof repositories>;
type Named = Readonly<{ conversationId: ConversationId; messageId: MessageId }>;

const linksIn = ({ type, content = '' }: Message): readonly string[] => (type === 'text' ? linksOf(content) : []);
const shownBy = ({ parts }: Message): readonly LinkPreview[] => (parts?.[PART] ?? []) as readonly LinkPreview[];

async function find(tx: Reading, { conversationId, messageId }: Named): Promise<Message | undefined> {
  const conversation = await tx.conversations.lookup(conversationId);
  const found = conversation && (await tx.messages.lookup(conversation, messageId));
  return found?.message.deletedAt === undefined ? found?.message : undefined;
}

/** A message that links somewhere, or shows previews of links that it has no longer. */
const isConcerned = (message: Message): boolean => {
  const links = linksIn(message);
  const shown = shownBy(message);
  return shown.length === 0 ? links.length > 0 : shown.some(({ url }) => !links.includes(url)) || shown.length < links.length;
};

async function order({ uow, accounts }: Ports<typeof deps>, account: AccountId, named: readonly Named[]): Promise<void> {
  if (!(await accounts.has(account))) return;
  await uow.write(account, async (tx) => {
    for (const each of named) {
      const message = await find(tx, each);
      if (message !== undefined && isConcerned(message)) tx.emit(linksFound(each));
    }
  });
}

export const findLinks = batchSubscriber({
  name: 'linkPreviews.posted',
  on: messagePosted,
  deps,
  run: (ports, account, events) =>
    order(
      ports,
      account,
      events.flatMap(({ conversationId, messageIds }) => messageIds.map((messageId) => ({ conversationId, messageId }))),
    ),
});

export const findChangedLinks = batchSubscriber({
  name: 'linkPreviews.updated',
  on: messageUpdated,
  deps,
  run: order,
});

type Fetching = Readonly<{ calls: OutboundCalls; heads: PageHeads }>;

/** Undefined for what is no page, has no title or could not be read: there is nobody to tell. */
async function fetchPreview({ calls, heads }: Fetching, url: string): Promise<LinkPreview | undefined> {
  const answer = await calls.get({
    url,
    headers: { accept: 'text/html,application/xhtml+xml;q=0.9', 'user-agent': 'CoucouLinkPreview/1.0' },
    timeoutMs: limits.timeoutMs,
    maxBytes: limits.pageBytes,
    redirect: 'follow',
  });
  if (typeof answer === 'string' || answer.status !== 200) return undefined;
  const type = answer.header('content-type') ?? '';
  return /^(text\/html|application\/xhtml\+xml)\b/i.test(type) ? previewOf(url, heads.read(answer.text)) : undefined;
}

/** Shows in a message what the pages say that it links to. Repeated, it finds them known, and the message as it should be. */
export const previewLinks = subscriber({
  name: 'linkPreviews.preview',
  on: linksFound,
  queue: 'normal',
  deps: {
    uow: unitOfWork({ ...repositories, previews: LinkPreviewRepository }),
    accounts: PreviewingAccounts,
    calls: OutboundCalls,
    heads: PageHeads,
    clock: Clock,
  },
  async run({ uow, accounts, calls, heads, clock }, { account, ...named }) {
    if (!(await accounts.has(account))) return;
    const { links, known } = await uow.read(account, async (tx) => {
      const message = await find(tx, named);
      const found = message === undefined ? [] : linksIn(message);
      return { links: found, known: found.length === 0 ? [] : await tx.previews.find(found) };
    });
    const now = clock.now();
    const isKnown = (url: string) =>
      known.some(
        (page) => page.url === url && page.fetchedAt > addSeconds(now, -(page.preview === undefined ? UNKNOWN_SECONDS : KNOWN_SECONDS)),
      );
    const missing = links.filter((url) => !isKnown(url));
    const fetched = await Promise.all(
      missing.map(async (url) => ({ accountId: account, url, preview: await fetchPreview({ calls, heads }, url), fetchedAt: now })),
    );
    await uow.write(account, async (tx) => {
      for (const page of fetched) await tx.previews.put(page);
      const changeable = await lockMessage(tx, named.conversationId, named.messageId);
      if (changeable === undefined) return;
      // It may have been edited meanwhile, which has an order of its own.
      const previews = linksIn(changeable.message).flatMap((link) => [...fetched, ...known].find(({ url }) => url === link)?.preview ?? []);
      if (isSame(previews, shownBy(changeable.message))) return;
      await amendMessage(tx, changeable, PART, previews.length === 0 ? undefined : previews);
    });
  },
});
