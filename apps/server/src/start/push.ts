import { Clock } from '@coucou/application/ports/clock';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { PushServices } from '@coucou/application/ports/push-services';
import { createPushServices } from '@coucou/push-services/push-services';
import { vapidPublicKey } from '@coucou/push-services/vapid';
import { createWebPush } from '@coucou/push-services/web-push';
import { createAssertions } from '@coucou/security/assertions';
import { vapidKeyOf } from '@coucou/security/vapid-key';
import type { Override } from '../composition/ports.ts';
import type { PushConfig } from '../config/push.ts';
import type { Undo } from './undo.ts';

/** The services that reach devices, each with its keys; those of operators who have them are loaded only where they are used. */
export async function openPush({ web, apns, fcm }: PushConfig, secret: string, undo: Undo): Promise<Override> {
  const { createApns } = apns === undefined ? {} : await import('@coucou/push-services/apns');
  const { createFcm } = fcm === undefined ? {} : await import('@coucou/push-services/fcm');
  const signApns = apns && (await createAssertions(apns.key, { alg: 'ES256', keyId: apns.keyId }));
  const signFcm = fcm && (await createAssertions(fcm.key, { alg: 'RS256' }));
  const { privateKey = vapidKeyOf(secret), subject } = web;
  return (container) =>
    container.provide(PushServices, (resolve) => {
      const clock = resolve(Clock);
      const now = () => clock.now();
      const services = {
        web: createWebPush({ privateKey, subject }, resolve(OutboundCalls)),
        apns: apns && signApns && createApns?.({ ...apns, sign: signApns, now }),
        fcm: fcm && signFcm && createFcm?.({ ...fcm, sign: signFcm, now }),
      };
      undo.push(async () => [services.apns, services.fcm].forEach((service) => service?.close()));
      return createPushServices(services, vapidPublicKey(privateKey));
    });
}
