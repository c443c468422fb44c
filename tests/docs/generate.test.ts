import { coreCatalogue } from '../support/coucou.ts';
import { renderDocuments } from '@coucou/docs/generate';
import { describe, expect, it } from 'vitest';
import { declaredOperations } from './contracts.ts';

describe('the committed documents', () => {
  it('are the same bytes whatever the order of the features', async () => {
    const operations = await declaredOperations();
    const sources = {
      operations,
      events: coreCatalogue.serverEvents,
      catalogue: coreCatalogue.errors,
      permissions: coreCatalogue.permissions,
      auditActions: coreCatalogue.auditActions,
      info: { version: '1.2.3' },
    };
    const reversed = { ...sources, operations: operations.toReversed(), events: coreCatalogue.serverEvents.toReversed() };

    const documents = renderDocuments(sources);
    expect(documents.map(({ path }) => path)).toEqual([
      'docs/api/openapi.json',
      'docs/api/asyncapi.json',
      'docs/errors.md',
      'docs/permissions.md',
      'docs/audit-log.md',
      'docs/metrics.md',
      'deploy/prometheus/rules.yml',
      ...['overview', 'messaging', 'realtime', 'database-redis', 'jobs', 'accounts'].map(
        (name) => `deploy/grafana/dashboards/${name}.json`,
      ),
    ]);
    expect(renderDocuments(reversed)).toEqual(documents);
    for (const { content } of documents) expect(content).toMatch(/[^\n]\n$/);
  });

  it('hold the catalogue of errors as a table', () => {
    const sources = {
      operations: [],
      events: [],
      catalogue: coreCatalogue.errors,
      permissions: [],
      auditActions: [],
      info: { version: '1' },
    };
    const [, , errors] = renderDocuments(sources);
    expect(errors?.content).toContain('| `CONVERSATION_NOT_FOUND` | not_found | 404 | There is no such conversation. |');
    expect(errors?.content.split('\n').filter((line) => line.startsWith('| `'))).toHaveLength(coreCatalogue.errors.length);
  });
});
