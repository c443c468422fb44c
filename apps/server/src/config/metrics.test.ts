import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';

const token = 'a-token-that-is-long-enough-0123456789';

describe('where metrics are served', () => {
  it('is nowhere, on a port of its own, or behind a token', () => {
    expect(loadConfig({}).metrics).toEqual({ port: undefined, token: undefined });
    expect(loadConfig({ METRICS_PORT: '9464', METRICS_TOKEN: token }).metrics).toEqual({ port: 9464, token });
    expect(loadConfig({ PORT: '0', METRICS_PORT: '0' }).metrics.port).toBe(0);
  });

  it.each([
    [{ METRICS_PORT: '3000' }, 'METRICS_PORT and PORT are both 3000'],
    [{ METRICS_PORT: 'yes' }, 'METRICS_PORT is "yes", but must be a port other than PORT'],
    [{ METRICS_TOKEN: 'short' }, 'METRICS_TOKEN must be at least 32 letters'],
    [{ METRICS_TOKEN: 'a'.repeat(64) }, 'METRICS_TOKEN must be'],
  ])('reports the fault of %j', (env, fault) => {
    expect(() => loadConfig(env)).toThrow(fault);
    expect(() => loadConfig(env)).not.toThrow('short');
  });
});
