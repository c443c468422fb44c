/** What the operations of each tag are about, in the order in which the guide meets them. A tag is the first part of an operation's name. */
const descriptions: Readonly<Record<string, string>> = {
  connection: 'The connection itself, on sockets.',
  auth: 'Sign-up, login, tokens and sessions.',
  users: 'People, their profiles and how they are found.',
  preferences: 'How a person wants the service to be.',
  friends: 'Friend requests and friends.',
  blocks: 'Blocking users.',
  conversations: 'Direct conversations and groups: made, found, changed and left.',
  members: 'People in a conversation, their roles and mutes.',
  bans: 'People who may not come back to a conversation.',
  invites: 'Codes by which people join a group.',
  membership: 'One’s own place in a conversation: archived, pinned, muted, unread.',
  inbox: 'Conversations as work of support agents: status, assignee, labels.',
  messages: 'Messages: sent, listed, searched, edited and deleted.',
  sync: 'What has changed since a client last looked.',
  receipts: 'How far each member has received and read.',
  presence: 'Who is online.',
  typing: 'Who is typing.',
  drafts: 'Texts that are not sent yet, on all devices of a person.',
  scheduled: 'Messages that are sent later, once or by a rule.',
  reactions: 'Emoji on messages.',
  pins: 'Messages pinned in a conversation.',
  threads: 'Replies gathered under a message.',
  forwards: 'Messages passed on to other conversations.',
  polls: 'Questions with options to vote for.',
  integrations: 'Messages that other services post, by the token of an incoming webhook.',
  corporateNumbers: 'Whether a phone number is one of the account.',
  emoji: 'Images of the account, by the shortcodes that reactions and texts have.',
  userGroups: 'People who are mentioned together.',
  savedMessages: 'Messages that a person keeps for later, with reminders.',
  attachments: 'Files: announced, sent, completed and read.',
  notifications: 'What concerns a person, besides plain messages.',
  push: 'How devices are reached while nobody looks at them.',
  reports: 'Messages and people reported to moderators.',
  accounts: 'Accounts, which the operator makes.',
  admin: 'The administration of an account, by its owners and admins and its own servers.',
  billing: 'What Stripe tells of the subscriptions of accounts.',
  system: 'The server itself: health, keys and documents.',
};

export type Tag = Readonly<{ name: string; description: string }>;

/** The tag of a feature; one that the core does not know is described by its name. */
const tagOf = (name: string): Tag => ({ name, description: descriptions[name] ?? `The operations of ${name}.` });

const known = Object.keys(descriptions);
/** The server's own tag is the last one; features that the core does not know come before it. */
const rank = (name: string): number => (name === 'system' ? known.length : known.includes(name) ? known.indexOf(name) : known.length - 1);

/** The tags of these features, each once, in the order of the guide. */
export const tagsOf = (names: readonly string[]): readonly Tag[] =>
  [...new Set(names)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map(tagOf);
