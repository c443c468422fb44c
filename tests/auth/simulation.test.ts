import type { UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createAccount, createUsers } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { openTestApp } from '../support/test-app.ts';
import { randomOf, SimulatedService } from './simulation.ts';

/** `SIMULATED_REFRESHES=100000` is what the nightly run and releases are held to. */
const REFRESHES = Number(process.env['SIMULATED_REFRESHES'] ?? 600);
const REPLAYS = REFRESHES / 10;

let database: Database;
let service: SimulatedService;
beforeAll(async () => {
  database = await createDatabase();
  service = new SimulatedService(() => openTestApp({ database }));
  await service.start();
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

type Tokens = Awaited<ReturnType<SimulatedService['signIn']>>;

/** A browser or an app: tabs share what is stored, and each reads it again before it refreshes. */
type Device = { stored: Tokens; readonly tabs: number; nextAt: number; lostSince: number | undefined };

async function people(count: number) {
  const { uow } = service.node(0);
  const account = await createAccount(uow);
  const users = await createUsers(
    uow,
    account,
    Array.from({ length: count }, (_, at) => `person ${at}`),
  );
  return { account, users };
}

it(`logs nobody out in ${REFRESHES} refreshes of which every fifth answer is lost`, { timeout: 3_600_000 }, async () => {
  const random = randomOf(20_260_115);
  const between = (from: number, to: number) => from + random() * (to - from);
  const { account, users } = await people(200);
  const devices: Device[] = [];
  for (const [at, user] of users.entries())
    devices.push({
      stored: await service.signIn(at, account, user),
      tabs: at % 10 === 0 ? 20 : 1,
      nextAt: service.now + between(0, HOUR),
      lostSince: undefined,
    });

  const loggedOut: string[] = [];
  const made = { refreshes: 0, lost: 0, latest: 0 };

  /** One tab refreshes with what it has read. Its answer may get lost on the way, or be stored and used. */
  async function tab(device: Device, read: string, isLost: boolean): Promise<void> {
    made.refreshes += 1;
    const node = Math.floor(random() * 2);
    const answer = await service.refresh(node, account, read).catch((error: { code: string }) => void loggedOut.push(error.code));
    if (!answer) return;
    if (isLost) {
      made.lost += 1;
      return;
    }
    device.stored = answer;
    await service.use(node, answer);
  }

  async function turn(device: Device): Promise<void> {
    const { refreshToken } = device.stored;
    const before = device.stored;
    const isLost = Array.from({ length: device.tabs }, () => random() < 0.2);
    await Promise.all(isLost.map((each) => tab(device, refreshToken, each)));
    const gotNothing = device.stored === before;
    device.lostSince = gotNothing ? (device.lostSince ?? service.now) : undefined;
    // Who got nothing comes back at once, or days later, and always while the successor lives.
    const patience = device.lostSince === undefined ? 0 : device.lostSince + 6 * DAY - service.now;
    // A recovered answer is as old as the one that was lost, so its token may end sooner.
    const left = device.stored.session.expiresAt.getTime() - service.now - SECOND;
    const wait = gotNothing ? (random() < 0.5 ? between(0, 5 * SECOND) : between(0, patience)) : between(0, Math.min(left, 6 * DAY));
    if (gotNothing) made.latest = Math.max(made.latest, service.now + wait - (device.lostSince ?? service.now));
    device.nextAt = service.now + wait;
  }

  const killEvery = REFRESHES / 10;
  while (made.refreshes < REFRESHES) {
    const due = devices.toSorted((a, b) => a.nextAt - b.nextAt).slice(0, 8);
    await service.moveTo(due[0]?.nextAt ?? 0);
    // Those who are due at about the same time meet at the servers.
    await Promise.all(due.filter(({ nextAt }) => nextAt <= service.now + SECOND).map(turn));
    if (made.refreshes >= killEvery * (service.kills + 1)) await service.kill(service.kills);
  }
  console.log(
    `${made.refreshes} refreshes, ${made.lost} answers lost, retried up to ${(made.latest / DAY).toFixed(1)} days later, ${service.kills} servers killed:`,
    service.counts,
  );
  expect(loggedOut).toEqual([]);
  expect(made.lost).toBeGreaterThan(REFRESHES * 0.18);
  expect(made.latest).toBeGreaterThan(4 * DAY);
  expect(service.counts['recovered']).toBeGreaterThan(REFRESHES * 0.1);
});

it(`catches ${REPLAYS} of ${REPLAYS} replays`, { timeout: 3_600_000 }, async () => {
  const random = randomOf(20_260_116);
  const { account, users } = await people(50);
  const missed: number[] = [];

  /** Somebody copied a token of a device that goes on: the spent one after the grace, or an older one at any time. */
  async function replay(number: number, user: UserId): Promise<void> {
    const [here, there] = [number, number + 1];
    const first = await service.signIn(here, account, user);
    const second = await service.refresh(here, account, first.refreshToken);
    const isOlder = number % 2 === 0;
    if (isOlder) await service.refresh(there, account, second.refreshToken);
    else await service.use(here, second);
    replays.push({ token: first.refreshToken, current: second.refreshToken, node: random() < 0.5 ? here : there, isOlder });
  }
  type Replay = Readonly<{ token: string; current: string; node: number; isOlder: boolean }>;
  const replays: Replay[] = [];

  const attack = async (each: Replay, number: number): Promise<void> => {
    const code = await service.refresh(each.node, account, each.token).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    const after = await service.refresh(each.node + 1, account, each.current).then(
      () => 'answered',
      (error: { code: string }) => error.code,
    );
    if (code !== 'REFRESH_TOKEN_REUSED' || after !== 'SESSION_REVOKED') missed.push(number);
  };

  for (let done = 0; done < REPLAYS; done += 50) {
    replays.length = 0;
    await Promise.all(users.slice(0, REPLAYS - done).map((user, at) => replay(done + at, user)));
    await Promise.all(replays.filter(({ isOlder }) => isOlder).map(attack));
    // The spent ones: after the grace, which is longer than the second in which the use is written.
    await service.moveTo(service.now + 10 * SECOND);
    await Promise.all(replays.filter(({ isOlder }) => !isOlder).map(attack));
  }
  expect(missed).toEqual([]);
});
