import { expect } from 'vitest';
import type { ListeningApp } from '../support/listening-app.ts';
import { overHttp } from '../support/callers.ts';
import type { WireError } from '../support/clients.ts';
import { expectStatus, openGroup, type Person, signUpAll } from '../support/people.ts';
import { choose, learn, type Model } from './commands.ts';
import { Device } from './device.ts';
import { freshRead, held } from './fresh.ts';
import { faultsOf } from './gapless.ts';
import type { Act, Plan } from './scenario.ts';

export type Done = { commands: number; refused: number; connections: number; lost: number };
export type Run = Readonly<{ done: Done; play(): Promise<void>; check(): Promise<void>; close(): Promise<void> }>;

/** Refusals that say that the server is at fault, not the command. */
const faults = new Set(['INTERNAL', 'SERVICE_UNAVAILABLE', 'OVERLOADED', 'TIMEOUT', 'CONFLICT', 'REFERENCE_INVALID']);
/** A thread in a thread, or an assignee who has left, is refused as an input; anything else that does not fit is a mistake of these tests. */
const isFault = ({ code, details }: WireError) =>
  faults.has(code) || (code === 'VALIDATION_FAILED' && !/"(root|assignable)"/.test(JSON.stringify(details)));

/** Trims a conversation to its newest messages. */
export type TrimTo = (conversationId: string, keep: number) => Promise<void>;

/** Three people of their own with two devices each, in a group; alice owns it. */
export async function runOf(app: ListeningApp, { history, steps, limit }: Plan, done: Done, trimTo?: TrimTo): Promise<Run> {
  const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
  const people = [alice, bob, carol] as const;
  const group = await openGroup(alice, [bob, carol], { visibility: 'public', settings: { history } });
  const files = await Promise.all(people.map(fileOf));
  const model: Model = {
    people: people.map(({ id }) => id),
    conversations: [group.id],
    messages: [],
    requests: [],
    invites: [],
    files,
    notified: (who) => [...(devices[who]?.[0].replica.own.notifications ?? [])].at(-1),
  };
  const devices = people.map((person) => [new Device(person), new Device(person)] as const);
  const all = devices.flat();
  const steady = devices.map(([first]) => first);
  for (const device of all) {
    await device.connect(200);
    await device.readOwn();
  }
  const began = new Map(steady.map((device) => [device, versionsOf(device)]));

  async function perform(act: Act): Promise<void> {
    const pair = devices[act.who] ?? expect.fail('nobody');
    if ('kind' in act) return command(act, pair[act.device % 2] ?? pair[0]);
    if ('trim' in act) return trimTo?.(model.conversations[act.trim % model.conversations.length] ?? group.id, act.keep);
    const [, device] = pair;
    if (act.upset === 'drop') await device.drop();
    else if (act.upset === 'lose') {
      device.lose(act.count);
      done.lost += act.count;
    } else {
      done.connections += 1;
      if (act.upset === 'connect') await device.connect(act.limit);
      else await device.sync(act.limit);
    }
  }

  async function command({ kind, pick }: Extract<Act, { kind: string }>, device: Device): Promise<void> {
    const chosen = choose(model, kind, pick);
    if (chosen === undefined) return;
    const { caller } = device;
    // A conversation is named in the path of a request.
    if (caller === undefined && (chosen.operation.http === undefined || 'toUserId' in chosen.input)) return;
    const by = caller ?? overHttp(device.person.http);
    const result = await by.call(chosen.operation, chosen.input).catch((error: unknown) => {
      // The connection was cut under it: whether it was carried out is for the copies to find out.
      if (device.caller === caller) throw error;
    });
    done.commands += 1;
    if (result?.ok) learn(model, chosen, result.data);
    else if (result !== undefined) {
      done.refused += 1;
      if (isFault(result.error)) expect.fail(`${kind} was answered ${result.error.code}: ${JSON.stringify([chosen.input, result.error])}`);
    }
  }

  return {
    done,
    async play() {
      // So that every history has one that is trimmed.
      if (trimTo !== undefined) {
        for (const content of ['soon gone', 'kept'])
          expectStatus(await alice.http.call('POST', `/api/v1/conversations/${group.id}/messages`, { content }), 201);
        await trimTo(group.id, 1);
      }
      for (const step of steps) await Promise.all(step.map(perform));
      await app.settled();
    },
    async check() {
      for (const device of steady) await checkSteady(device, began.get(device) ?? new Map());
      const whose = (await Promise.all(people.map(hidesMarks))).some(Boolean) ? 'own' : 'all';
      for (const device of all) {
        device.lose(0);
        await device.connect(limit);
        await device.sync(limit);
        expect(device.replica.isBehind, 'is behind after sync').toBe(false);
        const expected = await freshRead(device, whose);
        expect(held(device, whose), `${device.person.name}, ${steady.includes(device) ? 'steady' : 'upset'}`).toEqual(expected);
      }
    },
    async close() {
      for (const device of all) await device.drop();
    },
  };
}

/** Across a block, or for those who wish so, marks are hidden; what was told before stays with the client, since marks merge by maximum. */
async function hidesMarks({ http }: Person): Promise<boolean> {
  const [blocks, preferences] = await Promise.all(['/api/v1/blocks', '/api/v1/users/me/preferences'].map((path) => http.call('GET', path)));
  return blocks?.body.items.length > 0 || !preferences?.body.readReceipts;
}

async function fileOf({ http }: Person): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob(['a file of mine'], { type: 'text/plain' }), 'mine.txt');
  return expectStatus(await http.call('POST', '/api/v1/attachments', form), 201).id;
}

const versionsOf = ({ replica }: Device) => new Map(Array.from(replica.copies, ([id, { version }]) => [id, version] as const));

async function current({ http }: Person): Promise<Map<string, number>> {
  const lists = await Promise.all(['', '&filter=archived'].map((filter) => http.call('GET', `/api/v1/conversations?limit=100${filter}`)));
  return new Map(lists.flatMap(({ body }) => body.items.map(({ id, version }: { id: string; version: number }) => [id, version] as const)));
}

/** A connection that was never cut was told every version once; what it held from the beginning needs no sync to be current. */
async function checkSteady(device: Device, began: ReadonlyMap<string, number>): Promise<void> {
  await device.drained();
  const now = await current(device.person);
  expect({ who: device.person.name, faults: faultsOf(device.log, began, now) }).toEqual({ who: device.person.name, faults: [] });
}
