import { z } from 'zod';
import { bearerToken, bearerTokenExpected, integer, setting, settingOr } from './setting.ts';

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
} as const;
