/** One dependency's state for `/health/ready`. Degraded: the server works, with reduced service. */
export type HealthCheck = Readonly<{
  name: string;
  check: () => Promise<Readonly<{ status: 'up' | 'degraded' | 'down'; detail?: string }>>;
}>;
