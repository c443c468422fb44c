import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';

const postgres = { DATABASE_URL: 'postgres://coucou:hunter2@db:5432/coucou' };

describe('several nodes on one database', () => {
  it('are for who asks for a preview, and is warned', () => {
    expect(loadConfig(postgres).multiNode).toBe(false);
    expect(loadConfig({ ...postgres, MULTI_NODE: 'preview' })).toMatchObject({
      multiNode: true,
      warnings: [expect.stringMatching(/^MULTI_NODE=preview is for trials only/)],
    });
    expect(() => loadConfig({ MULTI_NODE: '1' })).toThrow('MULTI_NODE is "1", but must be "preview", or absent');
  });

  it('need PostgreSQL', () => {
    expect(loadConfig({ MULTI_NODE: 'preview' })).toMatchObject({
      multiNode: false,
      warnings: [expect.anything(), 'MULTI_NODE has no effect without DATABASE_URL'],
    });
  });
});
