import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundTo } from '../../../tests/support/outbound.ts';
import { type Calling, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';

/** The pages of tests are on this machine, which an operator would have to allow. */
export const openPreviewApp = (): Promise<TestApp> => openTestApp({ overrides: [outboundTo({ allow: ['127.0.0.1'] })] });

export const switchPreviews = (by: Calling, enabled: boolean): Promise<Payload> => by.call('admin.putLinkPreviews', { enabled });

export const pageOf = (head: string): string => `<!doctype html><html><head>${head}</head><body><p>Hello`;
