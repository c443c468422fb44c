import { expect } from 'vitest';
import { refusal } from '../use-cases/calls.ts';
import type { Caller, TestApp } from './test-app.ts';

/** Operations of one feature with an input that each accepts, in an order in which they can be called; made anew for each caller. */
export type Administration = () => Promise<readonly (readonly [operation: string, input: Record<string, unknown>])[]>;

/** Owners and admins may call them; members, guests and visitors may not. */
export async function expectForAdministrators(app: TestApp, admin: Caller, member: Caller, operations: Administration): Promise<void> {
  const guest = await app.person('greta', member.account, 'guest');
  for (const [operation, input] of await operations()) {
    for (const caller of [member, guest])
      expect([operation, await refusal(caller.call(operation, input))]).toEqual([operation, 'FORBIDDEN']);
    expect([operation, await refusal(app.visitor().call(operation, input))]).toEqual([operation, 'UNAUTHENTICATED']);
    await admin.call(operation, input);
  }
}

/** An API key needs the scope `<name>:read` for what lists and gets, and `<name>:write` for the rest. */
export async function expectScopes(app: TestApp, name: string, operations: Administration): Promise<void> {
  const [read, write] = [`${name}:read`, `${name}:write`];
  for (const [operation, input] of await operations()) {
    const [needed, other] = /\.(list|get)/.test(operation) ? [read, write] : [write, read];
    expect([operation, await refusal(app.byKey([other]).call(operation, input))]).toEqual([operation, 'FORBIDDEN']);
    await app.byKey([needed]).call(operation, input);
  }
}
