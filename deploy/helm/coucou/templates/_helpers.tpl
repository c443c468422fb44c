{{- define "coucou.name" -}}
{{- .Chart.Name -}}
{{- end -}}

{{/* 40 characters leave room for what the names of objects end with. */}}
{{- define "coucou.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "coucou.selector" -}}
app.kubernetes.io/name: {{ include "coucou.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "coucou.labels" -}}
{{ include "coucou.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "coucou.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "coucou.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "coucou.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "coucou.host" -}}
{{- $url := urlParse .Values.publicUrl -}}
{{- regexReplaceAll ":[0-9]+$" $url.host "" -}}
{{- end -}}

{{- define "coucou.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "coucou.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The file of one key: in a Secret of the operator's (`existing`), else in one of the chart's (`own`). */}}
{{- define "coucou.secretSource" -}}
- secret:
    name: {{ .existing | default .own }}
    items: [{ key: {{ .key }}, path: {{ .key }} }]
{{ end -}}

{{- define "coucou.hasRedis" -}}
{{- if or .Values.redis.existingSecret .Values.redis.url .Values.bundled.redis.enabled -}}yes{{- end -}}
{{- end -}}

{{/* What servers and migrations both need to reach. */}}
{{- define "coucou.dnsAndDatabase" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- if .Values.bundled.postgresql.enabled }}
- ports: [{ port: 5432, protocol: TCP }]
  to:
    - podSelector:
        matchLabels: {{- include "coucou.selector" . | nindent 10 }}
          app.kubernetes.io/component: postgresql
{{- else }}
- ports: [{ port: {{ .Values.networkPolicy.databasePort }}, protocol: TCP }]
  {{- with .Values.networkPolicy.databaseTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Faults that a schema cannot say. Each names what to do. */}}
{{- define "coucou.validate" -}}
{{- $v := .Values -}}
{{- if not (or $v.database.existingSecret $v.database.url $v.bundled.postgresql.enabled) -}}
{{- fail "There is no database: set database.existingSecret (or database.url) to an external PostgreSQL, or, to try the chart out, bundled.postgresql.enabled=true" -}}
{{- end -}}
{{- if and $v.bundled.postgresql.enabled (or $v.database.existingSecret $v.database.url) -}}
{{- fail "Two databases: leave out either bundled.postgresql.enabled or database.existingSecret and database.url" -}}
{{- end -}}
{{- if and $v.bundled.redis.enabled (or $v.redis.existingSecret $v.redis.url) -}}
{{- fail "Two servers of Redis: leave out either bundled.redis.enabled or redis.existingSecret and redis.url" -}}
{{- end -}}
{{- if and $v.migration.enabled (not $v.bundled.postgresql.enabled) (not (or $v.database.owner.existingSecret $v.database.owner.url)) -}}
{{- fail "The migration needs the owner of the database: set database.owner.existingSecret (or database.owner.url), or migration.enabled=false and run `pnpm cli migrate` yourself" -}}
{{- end -}}
{{- $many := or (gt (int $v.replicaCount) 1) $v.autoscaling.enabled -}}
{{- if and $many (not (include "coucou.hasRedis" .)) -}}
{{- fail "Several replicas need Redis: set redis.existingSecret (or redis.url), or replicaCount=1 without autoscaling" -}}
{{- end -}}
{{- if not (or $v.files.s3.bucket $v.files.persistence.enabled) -}}
{{- fail "Attachments would be lost with their pod: set files.s3.bucket, or files.persistence.enabled=true" -}}
{{- end -}}
{{- if and $many $v.files.persistence.enabled (not $v.files.s3.bucket) (not $v.files.persistence.existingClaim) (ne $v.files.persistence.accessMode "ReadWriteMany") -}}
{{- fail "Several replicas write to one volume: set files.persistence.accessMode=ReadWriteMany" -}}
{{- end -}}
{{- if and $v.files.s3.bucket (not $v.files.s3.existingSecret) -}}
{{- fail "The bucket needs a key: set files.s3.existingSecret to a Secret with `access-key-id` and `secret-access-key`" -}}
{{- end -}}
{{- if and $v.database.read.fromExistingSecret (not $v.database.existingSecret) -}}
{{- fail "database.read.fromExistingSecret needs database.existingSecret, with the key `database-read-url`" -}}
{{- end -}}
{{- if and $v.gateway.enabled (not $v.gateway.parentRefs) -}}
{{- fail "gateway.enabled needs gateway.parentRefs: the Gateways that the route is attached to" -}}
{{- end -}}
{{- if and $v.metrics.prometheusRule.enabled (not $v.metrics.prometheusRule.rules) -}}
{{- fail "metrics.prometheusRule.enabled needs rules: --set-file metrics.prometheusRule.rules=<file of rules>" -}}
{{- end -}}
{{- range $name, $_ := merge (dict) $v.settings $v.secretSettings -}}
{{- if has (trimSuffix "_FILE" $name) (list "DATABASE_OWNER_URL" "DATABASE_BACKUP_URL") -}}
{{- fail (printf "%s is not for servers: use database.owner, which the migration alone gets" $name) -}}
{{- end -}}
{{- if has (trimSuffix "_FILE" $name) (list "DATABASE_URL" "DATABASE_READ_URL" "REDIS_URL" "SECRET_KEY" "PUBLIC_URL" "PORT" "HOST" "METRICS_PORT" "TRUST_PROXY" "DATA_DIR") -}}
{{- fail (printf "%s has a value of its own in this chart; see values.yaml" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
