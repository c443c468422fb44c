import { OauthSettings } from '@coucou/application/auth/oauth-settings';
import { returnAddress } from '@coucou/contracts/auth/oauth';
import { z } from 'zod';
import { settingsOf } from '../feature.ts';

export const oauthSettings = settingsOf(
  OauthSettings,
  {
    RETURN_TO: {
      about: 'Addresses of your apps that a sign-in at an identity provider may return to; an account may have more of its own.',
      expects: 'comma-separated addresses without a query; one that ends with a slash allows all below it',
      fallback: '',
      example: 'https://app.example.com/signed-in,com.example.app:/signed-in',
      otherwise: 'none; in development any page of this machine',
      schema: z
        .string()
        .transform((value) =>
          value
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== ''),
        )
        .pipe(z.array(returnAddress.refine((value) => !value.includes('?')))),
    },
  },
  ({ RETURN_TO }) => ({ returnTo: RETURN_TO }),
);
