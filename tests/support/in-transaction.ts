import type { Session } from '@coucou/postgres/kit/session';

/** Runs the work in a transaction that `settings` begins with, such as a role; rolls it back when the work throws. */
export async function inTransaction<T>(session: Session, settings: string, work: () => Promise<T>): Promise<T> {
  await session.script(`begin; ${settings}`);
  try {
    const result = await work();
    await session.script('commit');
    return result;
  } catch (error) {
    await session.script('rollback');
    throw error;
  }
}
