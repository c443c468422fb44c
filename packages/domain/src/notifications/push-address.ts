/** `web`: Web Push (RFC 8030), which UnifiedPush is too; `apns`: Apple; `fcm`: Google. */
export const pushServiceNames = ['web', 'apns', 'fcm'] as const;
export type PushServiceName = (typeof pushServiceNames)[number];

/** Where a device is reached. `p256dh` and `auth` (RFC 8291) are its public key and its secret, URL-safe base64. */
export type PushAddress =
  | Readonly<{ service: 'web'; endpoint: string; p256dh: string; auth: string }>
  | Readonly<{ service: 'apns'; token: string }>
  | Readonly<{ service: 'fcm'; token: string }>;
