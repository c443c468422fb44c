import { setPriority } from 'node:os';
import { HASH_PARAMETERS, HASHES_AT_ONCE } from '@coucou/security/password-hasher';
import argon2 from 'argon2';

/** What logins could reach if all but the hash cost nothing: the product's own parameters, as many at once as its hasher may. */
// Types, not interfaces: they travel as plain data.
export type HashingOrder = { seconds: number };
export type HashingAnswer = { hashes: number; seconds: number };

// Before the pool has threads, which inherit it: as nice as the product's, because messages are also measured beside this loop.
setPriority(10);

const PASSWORD = 'correct horse battery';
const digest = await argon2.hash(PASSWORD, HASH_PARAMETERS);

async function verify({ seconds }: HashingOrder): Promise<HashingAnswer> {
  const startedAt = performance.now();
  const end = startedAt + seconds * 1_000;
  let hashes = 0;
  const loop = async () => {
    while (performance.now() < end) {
      if (!(await argon2.verify(digest, PASSWORD))) throw new Error('the password does not match its hash');
      hashes += 1;
    }
  };
  await Promise.all(Array.from({ length: HASHES_AT_ONCE }, loop));
  return { hashes, seconds: (performance.now() - startedAt) / 1_000 };
}

process.on('message', (order: 'cpu' | HashingOrder) => {
  if (order === 'cpu') return;
  verify(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
// The channel alone would not keep it alive: the probe has let go of it.
process.channel?.ref();
console.log(JSON.stringify({ msg: 'ready', url: 'http://nowhere.invalid' }));
