import { defineErrors } from '../kernel/errors.ts';

/**
 * Sessions that are bound to a key which the device keeps (DPoP, RFC 9449): their tokens are good only beside a proof that was made with this
 * key for the one call, so a stolen token is of no use elsewhere.
 */
export const boundSessionErrors = defineErrors('DPOP', {
  PROOF_REQUIRED: ['unauthenticated', 'This needs a DPoP proof: sign one for the call with the key of the device, and send it along.'],
  PROOF_INVALID: ['unauthenticated', 'The DPoP proof does not fit this call; the details say why.'],
  NONCE_REQUIRED: ['unauthenticated', 'The DPoP proof needs a fresh nonce of this server: sign another one with that of the details.'],
  PROOF_REUSED: ['unauthenticated', 'This DPoP proof was used before; sign one for each call.'],
  KEY_MISMATCH: ['unauthenticated', 'The DPoP proof was signed with another key than that of the session.'],
});
