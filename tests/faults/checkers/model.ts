import type { Client, Entry, FinalRow, History, Membership, Shown } from './history.ts';

/**
 * A server without faults, over a network with some: events are late or lost, answers do not come, and clients do what the protocol tells
 * them. What it writes down is by construction a clean history.
 */
export type Command =
  | Readonly<{ kind: 'send'; who: number; where: number; outcome: 'ok' | 'fail' | 'unheard' | 'unstored' }>
  | Readonly<{ kind: 'resend'; which: number }>
  | Readonly<{ kind: 'sync' | 'history' | 'late' | 'lose'; who: number; where: number }>
  | Readonly<{ kind: 'remove' | 'join'; who: number; where: number }>;

type Change = Readonly<{ version: number; name: string; message?: Shown }>;
type Conversation = { id: string; version: number; rows: FinalRow[]; changes: Change[]; members: Map<string, Membership[]> };
type Device = Client & {
  held: Map<string, number>;
  seen: Map<string, Set<number>>;
  late: { conversation: Conversation; change: Change }[];
  loses: boolean;
};
type Doubt = Readonly<{ device: Device; conversation: Conversation; id: string; value: string }>;

const USERS = ['alice', 'bob', 'carol'];

export function cleanHistory(commands: readonly Command[]): History {
  const log: Entry[] = [];
  let [clock, ops, ids] = [1_000, 0, 0];
  const conversations: Conversation[] = ['one', 'two'].map((id) => ({
    id,
    version: 1,
    rows: [],
    changes: [],
    members: new Map(USERS.map((user) => [user, [{ user, conversation: id, from: 1 }]])),
  }));
  // Two devices for each, so that what differs between a user and a device shows.
  const devices: Device[] = USERS.flatMap((user) =>
    ['phone', 'desk'].map((name) => ({ client: `${user}'s ${name}`, user, held: new Map(), seen: new Map(), late: [], loses: false })),
  );
  const doubts: Doubt[] = [];
  const by = ({ client, user }: Client) => ({ at: (clock += 1), client, user });
  const current = (conversation: Conversation, user: string): Membership | undefined =>
    conversation.members.get(user)?.find(({ until }) => until === undefined);

  function advance(device: Device, conversation: Conversation): void {
    const before = device.held.get(conversation.id);
    const seen = device.seen.get(conversation.id);
    if (before === undefined || seen === undefined) return;
    let version = before;
    while (seen.has(version + 1)) version += 1;
    if (version === before) return;
    device.held.set(conversation.id, version);
    log.push({ ...by(device), type: 'holds', conversation: conversation.id, version, begins: false });
  }
  function tell(device: Device, conversation: Conversation, { name, version, message }: Change): void {
    log.push({ ...by(device), type: 'event', name, conversation: conversation.id, version, message });
    device.seen.get(conversation.id)?.add(version);
    advance(device, conversation);
  }
  function change(conversation: Conversation, name: string, message?: Shown): void {
    const made = { version: conversation.version, name, ...(message && { message }) };
    conversation.changes.push(made);
    for (const device of devices) {
      if (current(conversation, device.user) === undefined) continue;
      if (device.loses) device.late.push({ conversation, change: made });
      else tell(device, conversation, made);
    }
  }
  function store(conversation: Conversation, sender: string, id: string, value: string): FinalRow {
    conversation.version += 1;
    const row = { conversation: conversation.id, seq: conversation.rows.length + 1, version: conversation.version, sender, id, value };
    const committed = { ...row, committedAt: (clock += 1) };
    conversation.rows.push(committed);
    return committed;
  }
  const shownOf = ({ seq, version, sender, id, value }: FinalRow): Shown => ({ seq, version, sender, id, value });

  function send(device: Device, conversation: Conversation, id: string, value: string, outcome: 'ok' | 'fail' | 'unheard' | 'unstored') {
    const op = (ops += 1);
    log.push({ ...by(device), type: 'invoke', op, call: { kind: 'send', conversation: conversation.id, id, value } });
    const stored = conversation.rows.find((row) => row.id === id && row.sender === device.user);
    if (outcome === 'fail' || (stored === undefined && current(conversation, device.user) === undefined)) {
      log.push({ ...by(device), type: 'fail', op, code: 'FORBIDDEN' });
      return;
    }
    if (outcome === 'unstored') {
      log.push({ ...by(device), type: 'unknown', op });
      doubts.push({ device, conversation, id, value });
      return;
    }
    const row = stored ?? store(conversation, device.user, id, value);
    if (stored === undefined) change(conversation, 'message:new', shownOf(row));
    if (outcome === 'ok') log.push({ ...by(device), type: 'ok', op, answer: { kind: 'send', message: shownOf(row) } });
    else doubts.push({ device, conversation, id, value });
  }
  function sync(device: Device, conversation: Conversation): void {
    if (current(conversation, device.user) === undefined) return;
    const version = device.held.get(conversation.id);
    const op = (ops += 1);
    log.push({ ...by(device), type: 'invoke', op, call: { kind: 'sync', conversation: conversation.id, version } });
    const messages = conversation.rows.filter((row) => row.version > (version ?? 0)).map(shownOf);
    log.push({ ...by(device), type: 'ok', op, answer: { kind: 'sync', version: conversation.version, messages, hasMore: false } });
    if (version !== conversation.version) {
      log.push({
        ...by(device),
        type: 'holds',
        conversation: conversation.id,
        version: conversation.version,
        begins: version === undefined,
      });
      device.held.set(conversation.id, conversation.version);
    }
    device.seen.set(conversation.id, new Set());
  }
  function read(device: Device, conversation: Conversation): void {
    if (current(conversation, device.user) === undefined) return;
    const op = (ops += 1);
    log.push({ ...by(device), type: 'invoke', op, call: { kind: 'history', conversation: conversation.id, after: 0 } });
    const messages = conversation.rows.map(shownOf);
    log.push({ ...by(device), type: 'ok', op, answer: { kind: 'history', messages, hasMore: false } });
  }
  function leave(user: string, conversation: Conversation): void {
    const membership = current(conversation, user);
    // Somebody stays, to whom it is told.
    if (membership === undefined || user === 'alice') return;
    conversation.version += 1;
    const all = conversation.members.get(user) ?? [];
    conversation.members.set(user, [...all.slice(0, -1), { ...membership, until: conversation.version }]);
    change(conversation, 'member:left');
    for (const device of devices) if (device.user === user) device.held.delete(conversation.id);
  }
  function join(user: string, conversation: Conversation): void {
    if (current(conversation, user) !== undefined) return;
    conversation.version += 1;
    conversation.members.get(user)?.push({ user, conversation: conversation.id, from: conversation.version });
    change(conversation, 'member:joined');
    for (const device of devices) if (device.user === user) sync(device, conversation);
  }

  const pick = <T>(all: readonly T[], at: number): T => {
    const found = all[at % all.length];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  const everywhere = (work: (device: Device, conversation: Conversation) => void) => {
    for (const device of devices) for (const conversation of conversations) work(device, conversation);
  };
  everywhere(sync);
  for (const command of commands) {
    if (command.kind === 'resend') {
      const doubt = doubts.splice(command.which % Math.max(1, doubts.length), 1)[0];
      if (doubt !== undefined) send(doubt.device, doubt.conversation, doubt.id, doubt.value, 'ok');
      continue;
    }
    const device = pick(devices, command.who);
    const conversation = pick(conversations, command.where);
    if (command.kind === 'send') {
      ids += 1;
      send(device, conversation, `id ${ids}`, `text ${ids}`, command.outcome);
    } else if (command.kind === 'sync') sync(device, conversation);
    else if (command.kind === 'history') read(device, conversation);
    else if (command.kind === 'lose') device.loses = !device.loses;
    else if (command.kind === 'remove') leave(device.user, conversation);
    else if (command.kind === 'join') join(device.user, conversation);
    else for (const { conversation: of, change: made } of device.late.splice(0)) tell(device, of, made);
  }
  everywhere(sync);
  return {
    log,
    conversations: conversations.map(({ id, version, rows }) => ({ id, version, lastSeq: rows.length })),
    rows: conversations.flatMap(({ rows }) => rows),
    memberships: conversations.flatMap(({ members }) => [...members.values()].flat()),
    complete: devices.map(({ client, user }) => ({ client, user })),
  };
}
