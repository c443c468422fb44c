/** What may be limited. Each counts something that is there. */
type LimitName = 'seats' | 'monthlyActive' | 'messages' | 'storageBytes';

/** In force in an account; an absent one does not limit. */
export type Limits = Readonly<Partial<Record<LimitName, number | undefined>>>;

/** What an account can subscribe to, as the operator configured it. */
export type Plan = Readonly<{
  id: string;
  name: string;
  /** Ids of prices of Stripe; the first one is what a checkout sells. None: for the operator to grant. */
  prices: readonly string[];
  /** Of accounts that have no other; of one plan at most. */
  isDefault: boolean;
  /** `quantity`: as many seats as were paid for. */
  limits: Omit<Limits, 'seats'> & Readonly<{ seats?: number | 'quantity' | undefined }>;
}>;

/** `quantity`: of the subscription. */
function limitsOf({ limits: { seats, ...limits } }: Plan, quantity: number): Limits {
  return seats === undefined ? limits : { ...limits, seats: seats === 'quantity' ? quantity : seats };
}

export const Plan = { limitsOf };
