import { z } from 'zod';
import { integer, isStrongSecret, setting, settingOr } from './setting.ts';

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
  METRICS_PORT: setting({
    about: 'A port of its own for /metrics, for Prometheus; 0 picks a free one, which the log line "ready" names.',
    expects: 'a port other than PORT: a whole number from 0 to 65535',
    example: '9464',
    otherwise: 'with METRICS_TOKEN /metrics is served on PORT; without either it is not served',
    schema: integer(0, 65_535),
  }),
  METRICS_TOKEN: setting({
    about: 'The bearer token that /metrics asks for, on whichever port.',
    expects: 'at least 32 letters, digits and ._~+/=-, such as what `openssl rand -hex 32` prints',
    example: '',
    otherwise: 'the port of METRICS_PORT asks for none',
    schema: z
      .string()
      .regex(/^[\w.~+/=-]+$/)
      .refine(isStrongSecret),
    secret: true,
  }),
} as const;
