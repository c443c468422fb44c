import type { ReceivedEvent } from '../support/event-log.ts';

type Told = { name: string; version: number };

/**
 * What is wrong with what one connection was told, from the beginning and without losses: of each conversation, from the version it began
 * to follow it at up to the one it ends with, every version once and nothing else. `began` are the versions held when the connection
 * came up, `now` those that are current.
 */
export function faultsOf(log: readonly ReceivedEvent[], began: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): string[] {
  const faults: string[] = [];
  const following = new Map<string, { since: number; told: Told[] }>([...began].map(([id, since]) => [id, { since, told: [] }]));

  const close = (id: string, end: number): void => {
    const { since, told } = following.get(id) ?? { since: end, told: [] };
    following.delete(id);
    const times = new Map<number, string[]>();
    for (const { name, version } of told) times.set(version, [...(times.get(version) ?? []), name]);
    for (let version = since + 1; version <= end; version += 1)
      if (times.get(version)?.length !== 1) faults.push(`${id}: version ${version} came as ${times.get(version)?.join(', ') ?? 'nothing'}`);
    for (const [version, names] of times) if (version > end) faults.push(`${id}: ${names.join(', ')} of version ${version}, beyond ${end}`);
  };

  for (const { name, payload } of log) {
    const { conversationId: id, version } = payload ?? {};
    if (id === undefined || version === undefined) continue;
    if (name === 'conversation:new') {
      following.set(id, { since: version, told: [] });
    } else if (name === 'conversation:removed') {
      following.get(id)?.told.push({ name, version });
      close(id, version);
    } else {
      const entry = following.get(id);
      if (entry === undefined) faults.push(`${id}: ${name} of version ${version} after the end`);
      else if (version > entry.since) entry.told.push({ name, version });
    }
  }
  for (const id of Array.from(following.keys())) {
    const current = now.get(id);
    if (current === undefined) faults.push(`${id}: its end was not told`);
    else close(id, current);
  }
  return faults;
}
