/** Every fault of the configuration at once. Holds no secret. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(
      `the configuration has ${faults.length === 1 ? 'an error' : `${faults.length} errors`}:\n${faults.map((each) => `  - ${each}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.faults = faults;
  }
}
