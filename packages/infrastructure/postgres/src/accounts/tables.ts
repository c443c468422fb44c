export type DeploymentTable = { one: boolean; epoch: string };

export type AccountTable = { account_id: string; name: string; client_key: string; created_at: Date };
