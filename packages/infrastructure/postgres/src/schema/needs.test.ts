import { describe, expect, it } from 'vitest';
import { blockedSteps, describeNode, isOlder, type RunningNode } from './needs.ts';

const node = (name: string, version?: string): RunningNode => ({ node: name, version, seenSecondsAgo: 2.6 });

describe('a version', () => {
  it.each([
    ['0.1.0', '0.2.0'],
    ['0.9.9', '0.10.0'],
    ['1.2.3', '1.2.4'],
    ['1.99.99', '2.0.0'],
    [undefined, '0.0.1'],
    ['of somebody', '0.0.1'],
  ])('%s is older than %s', (older, newer) => {
    expect(isOlder(older, newer)).toBe(true);
  });

  it('is not older than itself, nor than its pre-release', () => {
    expect(isOlder('1.2.3', '1.2.3')).toBe(false);
    expect(isOlder('1.2.3', '1.2.3-next.1')).toBe(false);
    expect(isOlder('1.2.3-next.1', '1.2.3')).toBe(false);
    expect(isOlder('2.0.0', '1.9.9')).toBe(false);
    expect(isOlder('0.10.0', '0.9.9')).toBe(false);
  });

  it('has a form', () => {
    expect(() => isOlder('1.0.0', 'next')).toThrow('next is no version');
  });
});

it('a step is blocked by the nodes that are older than it needs, and by those that say nothing', () => {
  const nodes = [node('a', '0.2.0'), node('b', '0.1.0'), node('c')];
  expect(blockedSteps({ 'coucou/0060-drop': '0.2.0', 'coucou/0061-drop': '0.1.0' }, nodes)).toEqual([
    { name: 'coucou/0060-drop', needs: '0.2.0', nodes: [nodes[1], nodes[2]] },
    { name: 'coucou/0061-drop', needs: '0.1.0', nodes: [nodes[2]] },
  ]);
  expect(blockedSteps({ 'coucou/0060-drop': '0.2.0' }, [node('a', '0.3.1')])).toEqual([]);
  expect(blockedSteps({ 'coucou/0060-drop': '0.2.0' }, [])).toEqual([]);
});

it('a node is described with what is known of it', () => {
  expect([node('a', '0.2.0'), node('c')].map(describeNode)).toEqual([
    'a (0.2.0, seen 3 s ago)',
    'c (of a version that does not record it, seen 3 s ago)',
  ]);
});
