export type DeploymentTable = { one: boolean; epoch: string; place: object | null; probed_at: Date | null };

export type AccountTable = { account_id: string; name: string; client_key: string; created_at: Date };
