import { expect, it } from 'vitest';
import { OpenConnections } from './open-connections.ts';

it('counts the connections of a network, and forgets those that left', () => {
  const open = new OpenConnections<object>({ ofNetwork: 2 });
  const links = Array.from({ length: 6 }, () => ({}));
  const [first, second, third, fourth, fifth, sixth] = links as [object, object, object, object, object, object];
  expect([open.enter(first, '192.0.2.1'), open.enter(second, '192.0.2.1'), open.enter(third, '192.0.2.1')]).toEqual([true, true, false]);
  // One that was refused has no place to leave.
  open.leave(third);
  expect(open.enter(third, '192.0.2.1')).toBe(false);
  expect([open.enter(fourth, '2001:db8::1'), open.enter(fifth, '2001:db8::2'), open.enter(sixth, '2001:db8::3')]).toEqual([
    true,
    true,
    false,
  ]);
  open.leave(first);
  open.leave(first);
  expect([open.enter(third, '192.0.2.1'), open.enter(sixth, '192.0.2.1')]).toEqual([true, false]);
  for (const link of links) open.leave(link);
  expect(open.networks).toBe(0);
});

it('counts those of a node, and says which bound is in the way', () => {
  const open = new OpenConnections<object>({ ofNode: 3, ofNetwork: 2 });
  const [first, second, third] = [{}, {}, {}];
  expect([open.enter(first, '192.0.2.1'), open.enter(second, '192.0.2.1'), open.obstacle('192.0.2.1')]).toEqual([true, true, 'network']);
  expect([open.enter(third, '192.0.2.2'), open.obstacle('192.0.2.3'), open.obstacle('192.0.2.1')]).toEqual([true, 'node', 'network']);
  open.leave(first);
  expect([open.obstacle('192.0.2.3'), open.size]).toEqual([undefined, 2]);
});

it('counts nothing too much without a limit', () => {
  const open = new OpenConnections<object>();
  for (let at = 0; at < 1_000; at += 1) expect(open.enter({}, '192.0.2.1')).toBe(true);
});
