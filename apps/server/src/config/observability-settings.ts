import { z } from 'zod';
import { bearerToken, bearerTokenExpected, httpBase, integer, setting, settingOr } from './setting.ts';

/** `name=value,name=value` with percent-encoded values, as the OpenTelemetry specification writes headers; undefined for what is none. */
function headersIn(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(',').map((pair) => /^\s*([\w-]+)=([!-~]*)\s*$/.exec(pair));
  try {
    return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', decodeURIComponent(pair?.[2] ?? '%')]));
  } catch {
    return undefined;
  }
}

/** What an operator watches the server with. */
export const observabilitySettings = {
  INSTANCE_ID: setting({
    about: "This node's name in logs.",
    expects: 'up to 64 letters, digits and . _ -',
    example: 'node-1',
    otherwise: 'the host name and a random suffix',
    schema: z.string().regex(/^[\w.-]{1,64}$/),
  }),
  LOG_LEVEL: settingOr('info', {
    about: 'Lowest level that is logged.',
    expects: 'fatal, error, warn, info, debug, trace or silent',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  }),
  LOG_FORMAT: setting({
    about: 'One JSON object per line, or readable lines.',
    expects: 'json or pretty',
    example: 'json',
    otherwise: 'pretty on a terminal, else json',
    schema: z.enum(['json', 'pretty']),
  }),
  LOG_FILE: setting({
    about: 'A file for the log instead of standard output, one for each node. It is rotated when it is full and at the end of a day (UTC).',
    expects: 'the path of a file',
    example: '/var/log/coucou/server.log',
    otherwise: 'standard output',
    schema: z.string().min(1),
  }),
  LOG_FILE_BYTES: settingOr('104857600', {
    about: 'The size of a full file of the log, in bytes.',
    expects: 'a whole number of bytes from 65536 to 10737418240',
    schema: integer(65_536, 10_737_418_240),
  }),
  LOG_FILE_KEEP: settingOr('10', {
    about: 'How many full files are kept beside it; LOG_FILE.1 is the newest.',
    expects: 'a whole number from 0 to 1000',
    schema: integer(0, 1_000),
  }),
  METRICS_PORT: setting({
    about: 'A port of its own for /metrics, for Prometheus; 0 picks a free one, which the log line "ready" names.',
    expects: 'a port other than PORT: a whole number from 0 to 65535',
    example: '9464',
    otherwise: 'with METRICS_TOKEN /metrics is served on PORT; without either it is not served',
    schema: integer(0, 65_535),
  }),
  METRICS_TOKEN: setting({
    about: 'The bearer token that /metrics asks for, on whichever port.',
    expects: bearerTokenExpected,
    example: '',
    otherwise: 'the port of METRICS_PORT asks for none',
    schema: bearerToken,
    secret: true,
  }),
  SENTRY_DSN: setting({
    about: 'The project of Sentry that gets reports of unexpected errors, as its settings show it under Client Keys.',
    expects: 'the DSN of a project: https://<key>@<host>/<number of the project>',
    example: 'https://examplePublicKey@o0.ingest.sentry.io/1',
    otherwise: 'errors are only logged',
    schema: z.string().regex(/^https?:\/\/\w+(?::\w+)?@[\w.-]+(?::\d{1,5})?(?:\/[\w.-]+)*\/\d+$/),
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    about: 'The OpenTelemetry collector that gets traces, by OTLP over HTTP.',
    expects: 'an http or https address without a query; /v1/traces is put after it',
    example: 'http://otel-collector:4318',
    otherwise: 'nothing is traced',
    schema: httpBase,
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting({
    about: 'Headers for the collector, such as its key.',
    expects: 'name=value,name=value, with values percent-encoded',
    example: '',
    otherwise: 'none',
    schema: z
      .string()
      .refine((text) => headersIn(text) !== undefined)
      .transform(headersIn),
    secret: true,
  }),
  OTEL_SERVICE_NAME: settingOr('coucou', {
    about: 'The service that traces are from, the same on all nodes; each node is named by INSTANCE_ID.',
    expects: 'up to 64 letters, digits and . _ -',
    schema: z.string().regex(/^[\w.-]{1,64}$/),
  }),
  OTEL_TRACES_SAMPLER_ARG: settingOr('0.01', {
    about: 'Which part of all calls and jobs is traced, each from its beginning to its last consequence.',
    expects: 'a number from 0 to 1',
    schema: z
      .string()
      .regex(/^(?:0(?:\.\d+)?|1(?:\.0+)?)$/)
      .transform(Number),
  }),
} as const;
