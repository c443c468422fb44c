import { expectStatus } from '../../support/people.ts';
import type { Scenario, Stage } from '../harness/run-scenario.ts';

/** Rights that end in the middle of sends. What came too late is for the checkers: nothing above the version of a removal. */

async function remove({ owner, people, groups, lasting }: Stage): Promise<void> {
  const everyone = groups[0];
  for (const person of people.slice(1, 1 + Math.ceil(people.length / 4))) {
    expectStatus(await owner.http.call('DELETE', `/api/v1/conversations/${everyone}/members/${person.id}`), 204);
    await lasting(500);
  }
}

async function revoke({ devices, lasting, excuse }: Stage): Promise<void> {
  // The second device of a person signs the first one out.
  for (const device of devices.filter((_, at) => at % 4 === 0)) {
    const other = devices.find(({ user, client }) => user === device.user && client !== device.client);
    if (other === undefined) throw new Error('each person has two devices');
    excuse(device.client);
    expectStatus(await other.person.http.call('DELETE', `/api/v1/auth/sessions/${device.person.session.id}`), 204);
    await lasting(500);
  }
}

/** Away while rights end, and back after a time in which nodes have only the database to learn it from. */
async function withoutRedis(stage: Stage, work: (stage: Stage) => Promise<void>): Promise<void> {
  await stage.redis.kill();
  await work(stage);
  await stage.lasting(3_000);
  await stage.redis.restart();
}

const ending = (name: string, work: (stage: Stage) => Promise<void>, inSmoke?: true): Scenario => ({
  name,
  ...(inSmoke && { inSmoke }),
  async disturb(stage) {
    await work(stage);
    stage.measure('everybody else complete', await stage.caughtUp());
  },
});

export const membershipScenarios: readonly Scenario[] = [
  ending('members removed in the middle of sends', remove, true),
  ending('members removed in the middle of sends, without Redis', (stage) => withoutRedis(stage, remove)),
  ending('sessions revoked in the middle of sends', revoke),
  ending('sessions revoked in the middle of sends, without Redis', (stage) => withoutRedis(stage, revoke)),
];
