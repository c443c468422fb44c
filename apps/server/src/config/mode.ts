/** For commands that read no other configuration. */
export const isProduction = (): boolean => process.env['NODE_ENV'] === 'production';
