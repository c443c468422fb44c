import { openSession, sessionPorts, sessionRepositories, withAccessToken } from '@coucou/application/auth/open-session';
import { refresh } from '@coucou/application/auth/refresh';
import { publicUseCase } from '@coucou/application/kernel/use-case';
import { AccessTokens } from '@coucou/application/ports/tokens';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { LocalSessionUses } from '@coucou/server/composition/ports';
import type { TestApp } from '../support/test-app.ts';
import { anonymous } from '../use-cases/calls.ts';

/** Numbers below 1 that are the same in every run (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Opens a session as every way of signing in does, without a password to hash. */
const signIn = publicUseCase({
  name: 'simulation.signIn',
  deps: { uow: unitOfWork({ ...sessionRepositories, users: Users }), ...sessionPorts },
  async run({ uow, ...ports }, { userId }: Readonly<{ userId: UserId }>, call) {
    const opened = await uow.write(call.account, async (tx) => {
      const user = await tx.users.lookup(userId);
      if (user === undefined) throw new Error('no such person');
      return openSession(ports, tx, user, call, { method: 'password' });
    });
    return withAccessToken(ports.access, opened);
  },
});

type Tokens = Readonly<{ accessToken: string; refreshToken: string; session: Readonly<{ expiresAt: Date }> }>;

/** Two servers on one database, with one clock for all that tests may move. Uses of tokens are written every second of that clock. */
export class SimulatedService {
  readonly #open: () => Promise<TestApp>;
  #nodes: TestApp[] = [];
  #now = new Date('2026-01-15T12:00:00.000Z').getTime();
  #flushedAt = 0;
  kills = 0;
  readonly counts: Record<string, number> = {};

  constructor(open: () => Promise<TestApp>) {
    this.#open = open;
  }

  async start(): Promise<void> {
    this.#nodes = [await this.#open(), await this.#open()];
    this.#setTime();
  }

  get now(): number {
    return this.#now;
  }

  node(at: number): TestApp {
    const node = this.#nodes[at % this.#nodes.length];
    if (node === undefined) throw new Error('not started');
    return node;
  }

  /** Milliseconds, by the simulated clock. */
  async moveTo(at: number): Promise<void> {
    this.#now = Math.max(this.#now, at);
    this.#setTime();
    if (this.#now - this.#flushedAt < 1_000) return;
    this.#flushedAt = this.#now;
    for (const node of this.#nodes) await node.container.resolve(LocalSessionUses).flush();
  }

  #setTime(): void {
    for (const node of this.#nodes) node.time.now = new Date(this.#now);
  }

  /** One server ends without writing what it has in memory, and another starts. */
  async kill(at: number): Promise<void> {
    const index = at % this.#nodes.length;
    await this.#nodes[index]?.close();
    this.#nodes[index] = await this.#open();
    this.#setTime();
    this.kills += 1;
  }

  signIn = (at: number, account: AccountId, userId: UserId): Promise<Tokens> => this.node(at).run(signIn, { userId }, anonymous(account));

  async refresh(at: number, account: AccountId, refreshToken: string): Promise<Tokens> {
    try {
      const answer = await this.node(at).run(refresh, { refreshToken }, anonymous(account));
      this.counts[answer.refresh] = (this.counts[answer.refresh] ?? 0) + 1;
      return answer;
    } catch (error) {
      const { code } = error as { code: string };
      this.counts[code] = (this.counts[code] ?? 0) + 1;
      throw error;
    }
  }

  use = (at: number, { accessToken }: Tokens): Promise<unknown> => this.node(at).container.resolve(AccessTokens).verify(accessToken);

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }
}
