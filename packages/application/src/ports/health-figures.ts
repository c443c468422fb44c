import { token } from '../kernel/token.ts';

/** How large the deployment is, and how it is doing, as numbers by name. */
export interface HealthFigures {
  read(): Promise<Readonly<Record<string, number>>>;
}
export const HealthFigures = token<HealthFigures>('HealthFigures');
