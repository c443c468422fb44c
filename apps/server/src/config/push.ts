import type { Reading } from './read.ts';

const apns = ['PUSH_APNS_KEY', 'PUSH_APNS_KEY_ID', 'PUSH_APNS_TEAM_ID', 'PUSH_APNS_TOPIC'] as const;

export function pushFaults({ given }: Reading): string[] {
  const missing = apns.filter((name) => !given.has(name));
  return missing.length === 0 || missing.length === apns.length
    ? []
    : [`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing; APNs takes all of ${apns.join(', ')}`];
}

/** For servers that nobody knows by a name: push services want an address of somebody. */
const NOBODY = 'mailto:nobody@coucou.invalid';

/** `privateKey` absent: one made from the server's secret. `apns`, `fcm` absent: the service is not there. */
export type PushConfig = ReturnType<typeof pushOf>;

export function pushOf({ values }: Pick<Reading, 'values'>) {
  const { PUSH_VAPID_PRIVATE_KEY: privateKey, PUSH_APNS_KEY: key, PUSH_APNS_KEY_ID: keyId, PUSH_APNS_TEAM_ID: teamId } = values;
  const { PUSH_APNS_TOPIC: topic, PUSH_APNS_URL: apnsUrl, PUSH_FCM_SERVICE_ACCOUNT: account, PUSH_FCM_URL: fcmUrl } = values;
  const { PUBLIC_URL: publicUrl } = values;
  return {
    web: { privateKey, subject: values.PUSH_VAPID_SUBJECT ?? (publicUrl?.startsWith('https:') === true ? publicUrl : NOBODY) },
    apns:
      key === undefined || keyId === undefined || teamId === undefined || topic === undefined
        ? undefined
        : { url: apnsUrl, key, keyId, teamId, topic },
    fcm: account && {
      url: fcmUrl,
      key: account.private_key,
      projectId: account.project_id,
      clientEmail: account.client_email,
      tokenUri: account.token_uri,
    },
  };
}
