import type { Ports } from '@coucou/application/kernel/token';
import type { ConnectorKind } from '../../domain/connector.ts';
import type { Connector } from './connector.ts';
import { email, emailPorts } from './email.ts';
import { incomingWebhook, incomingWebhookPorts } from './incoming-webhook.ts';
import { outgoingWebhook, outgoingWebhookPorts } from './outgoing-webhook.ts';
import { telephonyNumber, telephonyNumberPorts } from './telephony-number.ts';

export const connectorPorts = { ...incomingWebhookPorts, ...outgoingWebhookPorts, ...emailPorts, ...telephonyNumberPorts };

export const createConnectors = (ports: Ports<typeof connectorPorts>): Readonly<Record<ConnectorKind, Connector>> => ({
  incomingWebhook: incomingWebhook(ports),
  outgoingWebhook: outgoingWebhook(ports),
  email: email(ports),
  telephonyNumber: telephonyNumber(ports),
});
