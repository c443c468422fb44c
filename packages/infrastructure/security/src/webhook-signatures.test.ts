import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createWebhookSignatures } from './webhook-signatures.ts';

const signatures = createWebhookSignatures('the tests keep no secrets: 32 bytes or more');
const owner = { account: asId<'account'>('account'), webhookId: 'webhook' };
const request = { id: 'evt_1', at: new Date(1_700_000_000_900), body: '{"type":"message.created"}' };

describe('signatures of webhooks', () => {
  it('are by secrets of 32 random bytes, sealed for one webhook', () => {
    const { secret, sealedSecret } = signatures.create(owner);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(signatures.create(owner).secret).not.toBe(secret);
    expect(sealedSecret).not.toContain(secret.slice(6));
    for (const other of [
      { ...owner, webhookId: 'another' },
      { ...owner, account: asId<'account'>('another') },
    ])
      expect(() => signatures.sign(other, [sealedSecret], request)).toThrow('authenticate data');
  });

  it('are one for each secret, in their order, at the second of the request', () => {
    const [first, second] = [signatures.create(owner).sealedSecret, signatures.create(owner).sealedSecret];
    const both = signatures.sign(owner, [first, second], request);
    expect(both).toMatchObject({ 'webhook-id': 'evt_1', 'webhook-timestamp': '1700000000' });
    const each = [first, second].map((sealed) => signatures.sign(owner, [sealed], request)['webhook-signature']);
    expect(both['webhook-signature']).toBe(each.join(' '));
    for (const signature of each) expect(signature).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  });

  it('a digest is of the bytes', () => {
    expect(signatures.digest('é')).toEqual({ bytes: 2, digest: '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c' });
  });
});
