import type { ServerEvent } from '@coucou/contracts/kernel/event';
import type { Operation } from '@coucou/contracts/kernel/operation';
import type { AuditAction } from '@coucou/domain/audit/audit-action';
import type { PermissionTable } from '@coucou/domain/conversations/permissions';
import type { ErrorDefinition } from '@coucou/domain/kernel/errors';
import { asyncApiDocument } from './asyncapi.ts';
import { auditLogPage } from './audit-log-page.ts';
import { errorsPage } from './errors-page.ts';
import type { DocumentInfo } from './info.ts';
import { metricsPage } from './metrics-page.ts';
import { dashboards } from './monitoring/dashboards.ts';
import { grafanaDashboard } from './monitoring/grafana.ts';
import { rulesFile } from './monitoring/rules-file.ts';
import { openApiDocument } from './openapi.ts';
import { permissionsPage } from './permissions.ts';

export type RenderedDocument = Readonly<{ /** From the root of the repository. */ path: string; content: string }>;

export type DocumentSources = Readonly<{
  operations: readonly Operation[];
  events: readonly ServerEvent[];
  catalogue: readonly ErrorDefinition[];
  permissions: readonly PermissionTable[];
  auditActions: readonly AuditAction[];
  info: DocumentInfo;
}>;

const asJson = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

/** The documents that are committed, so that a review sees the contract change. The same sources give the same bytes. */
export const renderDocuments = ({
  operations,
  events,
  catalogue,
  permissions,
  auditActions,
  info,
}: DocumentSources): readonly RenderedDocument[] => [
  { path: 'docs/api/openapi.json', content: asJson(openApiDocument(operations, catalogue, info)) },
  { path: 'docs/api/asyncapi.json', content: asJson(asyncApiDocument(operations, events, info)) },
  { path: 'docs/errors.md', content: errorsPage(catalogue) },
  { path: 'docs/permissions.md', content: permissionsPage(permissions, operations) },
  { path: 'docs/audit-log.md', content: auditLogPage(auditActions) },
  { path: 'docs/metrics.md', content: metricsPage() },
  { path: 'deploy/prometheus/rules.yml', content: rulesFile() },
  ...Object.entries(dashboards).map(([name, dashboard]) => ({
    path: `deploy/grafana/dashboards/${name}.json`,
    content: asJson(grafanaDashboard(dashboard)),
  })),
];
