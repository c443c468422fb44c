/** So many within so many seconds, as a token bucket: a burst of `limit`, then one per `windowSeconds / limit`. */
export type Rate = Readonly<{ limit: number; windowSeconds: number }>;
