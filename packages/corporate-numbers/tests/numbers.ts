import type { Payload } from '../../../tests/support/event-log.ts';
import type { Calling } from '../../../tests/support/test-app.ts';

let last = 0;
/** A number in Berlin that no test has had before, as somebody writes it. */
export const berlin = (): string => {
  last += 1;
  return `+49 30 ${String(1_000_000 + last)}`;
};

export const create = (by: Calling, more: Record<string, unknown> = {}): Promise<Payload> =>
  by.call('admin.createCorporateNumber', { number: berlin(), ...more });

export const check = (by: Calling, number: string, country?: string): Promise<Payload> =>
  by.call('corporateNumbers.check', { number, ...(country && { country }) });
