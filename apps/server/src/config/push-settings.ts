import { createPrivateKey } from 'node:crypto';
import { vapidPublicKey } from '@coucou/push-services/vapid';
import { z } from 'zod';
import { httpBase, setting, settingOr } from './setting.ts';

const passes = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

/** PEM, in one line with `\n` for its ends, as some shells and `.env` files want it. */
const pem = z.string().transform((value) => value.replaceAll(String.raw`\n`, '\n'));
const isKey = (key: string, type: 'ec' | 'rsa'): boolean =>
  passes(() => createPrivateKey(key)) && createPrivateKey(key).asymmetricKeyType === type;

const ServiceAccount = z.object({
  project_id: z.string().regex(/^[\w.:-]{1,100}$/),
  client_email: z.string().min(1),
  private_key: pem.refine((key) => isKey(key, 'rsa')),
  token_uri: z.url({ protocol: /^https?$/ }),
});

const serviceAccount = z.string().transform((text, context) => {
  let json: unknown;
  passes(() => void (json = JSON.parse(text)));
  const read = ServiceAccount.safeParse(json);
  if (read.success) return read.data;
  context.addIssue({ code: 'custom', message: 'is no service account' });
  return z.NEVER;
});

/** The server's own keys for the services that reach devices. */
export const pushSettings = {
  PUSH_VAPID_PRIVATE_KEY: setting({
    about: 'The key that signs Web Push and UnifiedPush. With another one every browser has to subscribe again.',
    expects: 'a private key on P-256 in URL-safe base64, as `npx web-push generate-vapid-keys` prints it',
    example: '',
    otherwise: 'made from SECRET_KEY',
    schema: z
      .string()
      .regex(/^[\w-]{43}$/)
      .refine((key) => passes(() => vapidPublicKey(key))),
    secret: true,
  }),
  PUSH_VAPID_SUBJECT: setting({
    about: 'How push services reach the operator.',
    expects: 'a mailto: or https: address',
    example: 'mailto:operator@example.com',
    otherwise: 'PUBLIC_URL, if that is an https address',
    schema: z.string().regex(/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/),
  }),
  PUSH_APNS_KEY: setting({
    about: 'The key of the Apple Push Notification service.',
    expects: 'the text of a .p8 file, whose lines may end in \\n',
    example: '',
    otherwise: 'without it there is no push by APNs',
    schema: pem.refine((key) => isKey(key, 'ec')),
    secret: true,
  }),
  PUSH_APNS_KEY_ID: setting({
    about: 'The id of that key.',
    expects: '10 letters and digits',
    example: 'ABC123DEFG',
    schema: z.string().regex(/^\w{10}$/),
  }),
  PUSH_APNS_TEAM_ID: setting({
    about: 'The id of the team whose key it is.',
    expects: '10 letters and digits',
    example: 'DEF123GHIJ',
    schema: z.string().regex(/^\w{10}$/),
  }),
  PUSH_APNS_TOPIC: setting({
    about: 'The bundle id of the app.',
    expects: 'a bundle id',
    example: 'com.example.chat',
    schema: z.string().regex(/^[\w.-]{1,155}$/),
  }),
  PUSH_APNS_URL: settingOr('https://api.push.apple.com', {
    about: 'Where APNs is; for development builds https://api.sandbox.push.apple.com.',
    expects: 'an http or https address without a query',
    schema: httpBase,
  }),
  PUSH_FCM_SERVICE_ACCOUNT: setting({
    about: 'The service account of Firebase Cloud Messaging.',
    expects: 'the JSON of its key file, with project_id, client_email, private_key and token_uri',
    example: '',
    otherwise: 'without it there is no push by FCM',
    schema: serviceAccount,
    secret: true,
  }),
  PUSH_FCM_URL: settingOr('https://fcm.googleapis.com', {
    about: 'Where FCM is.',
    expects: 'an http or https address without a query',
    schema: httpBase,
  }),
} as const;
