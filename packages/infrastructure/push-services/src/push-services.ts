import type { PushServices } from '@coucou/application/ports/push-services';
import type { PushServiceName } from '@coucou/domain/notifications/push-address';
import type { Service } from './service.ts';

export type Services = { readonly [Name in PushServiceName]?: Service<Name> | undefined };

/** The services that the operator has keys for. */
export const createPushServices = (services: Services, vapidKey: string | undefined): PushServices => {
  const serviceOf = (name: PushServiceName) => services[name] as Service | undefined;
  return {
    offers: { web: services.web !== undefined, apns: services.apns !== undefined, fcm: services.fcm !== undefined, vapidKey },
    accepts: (address) => serviceOf(address.service)?.accepts(address) ?? false,
    send: async (address, message) => (await serviceOf(address.service)?.send(address, message)) ?? { is: 'refused' },
  };
};
