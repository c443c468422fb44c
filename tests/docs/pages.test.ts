import { createErrorBody } from '@coucou/application/kernel/error-body';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { asyncApiDocument } from '@coucou/docs/asyncapi';
import { errorCataloguePage } from '@coucou/docs/error-catalogue-page';
import { eventsPage } from '@coucou/docs/events-page';
import { readGuides } from '@coucou/docs/guides';
import { openApiDocument } from '@coucou/docs/openapi';
import { referencePage } from '@coucou/docs/reference-page';
import { ChatError } from '@coucou/domain/kernel/errors';
import { beforeAll, describe, expect, it } from 'vitest';
import { coreCatalogue } from '../support/coucou.ts';
import { declaredOperations } from './contracts.ts';

let operations: readonly Operation[];
/** Every page with contents, by its path. */
let pages: Map<string, string>;

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

beforeAll(async () => {
  operations = await declaredOperations();
  const { errors: catalogue, serverEvents } = coreCatalogue;
  const guides = await readGuides('1.2.3');
  pages = new Map([
    ['/docs/api/', referencePage(openApiDocument(operations, catalogue, { version: '1.2.3' }), true)],
    ['/docs/events', eventsPage(asyncApiDocument(operations, serverEvents, { version: '1.2.3' }), true)],
    ['/docs/errors', errorCataloguePage({ catalogue, operations, version: '1.2.3' })],
    ...guides.map(({ name, page }) => [`/docs/guides/${name}`, page] as const),
  ]);
});

describe('the pages of the documentation', () => {
  it('have an anchor for every link among them', () => {
    const anchors = new Map([...pages].map(([path, page]) => [path, new Set(matches(page, / id="([^"]+)"/g))]));
    for (const [from, page] of pages)
      for (const href of matches(page, /href="((?:\/docs\/[^"#]*)?#[^"]+)"/g)) {
        const [path = '', anchor = ''] = href.split('#', 2);
        expect([from, href, anchors.get(path === '' ? from : path)?.has(anchor)]).toEqual([from, href, true]);
      }
  });

  it('have no two anchors of one name', () => {
    for (const [path, page] of pages) {
      const anchors = matches(page, / id="([^"]+)"/g);
      expect([path, anchors.filter((anchor, at) => anchors.indexOf(anchor) !== at)]).toEqual([path, []]);
    }
  });

  it('say their version', () => {
    for (const page of pages.values()) expect(page).toContain('Coucou 1.2.3');
  });
});

describe('the REST reference', () => {
  it('shows every operation of HTTP once, closed, with a form', () => {
    const page = pages.get('/docs/api/') ?? '';
    const shown = matches(page, /<details class="operation" id="([^"]+)"/g);
    const names = operations.filter(({ http }) => http !== undefined).map(({ name }) => name);
    expect(shown.filter((name) => !name.startsWith('system.')).toSorted()).toEqual(names.toSorted());
    expect(matches(page, /(<details class="operation"(?:\s[\w-]+(?:="[^"]*")?)*?\sopen[\s>])/g)).toEqual([]);
    expect(matches(page, /(<form class="try" data-try>)/g)).toHaveLength(shown.length);
  });

  it('goes through the tags in the order of the guide, each with a description', () => {
    const groups = matches(pages.get('/docs/api/') ?? '', /<section class="group">\s*<h2 id="([^"]+)">/g);
    const some = ['auth', 'users', 'friends', 'conversations', 'messages', 'sync', 'receipts', 'attachments', 'system', 'shapes'];
    expect(groups.filter((name) => some.includes(name))).toEqual(some);
  });

  it('asks for a value where the path or the query has one, and offers the example of the body', () => {
    const [, form = ''] = (pages.get('/docs/api/') ?? '').split('id="messages.send"');
    expect(form.split('</form>')[0]).toMatch(
      /<input name="conversationId" data-in="path"[^>]* required>.*<textarea[^>]*>\s*\{.*Hello, bob!/s,
    );
  });
});

describe('the catalogue of errors', () => {
  it('explains each code at the place that the error’s own link names', () => {
    const page = pages.get('/docs/errors') ?? '';
    for (const { code, kind, sentence } of coreCatalogue.errors) {
      const { docs } = createErrorBody()(new ChatError(code, kind, sentence), '', '', new Date(0));
      expect([docs, page.includes(`<section class="error" id="${docs.split('#')[1]}"`)]).toEqual([`/docs/errors#${code}`, true]);
    }
  });

  it('names the operations that answer a code', () => {
    const [, section = ''] = (pages.get('/docs/errors') ?? '').split('id="ALREADY_MEMBER"');
    expect(section.split('</section>')[0]).toContain('<a href="/docs/api/#members.add">members.add</a>');
  });
});

describe('the guides', () => {
  it('begin with the client, and refer to pages of this server', () => {
    expect([...pages.keys()].filter((path) => path.startsWith('/docs/guides/')).slice(0, 1)).toEqual(['/docs/guides/build-a-client']);
    const guide = pages.get('/docs/guides/build-a-client') ?? '';
    expect(guide).toContain('<a href="/docs/errors">errors.md</a>');
    expect(guide).not.toMatch(/href="[^"]*\.md/);
  });
});
