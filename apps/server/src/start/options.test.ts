import { describe, expect, it } from 'vitest';
import { optionsHelp, readOptions } from './options.ts';
import { StartError } from './start-error.ts';

describe('the options of the start', () => {
  it('are off, and demo people on, when nothing is said', () => {
    expect(readOptions([])).toEqual({ open: false, demo: true, help: false, version: false });
  });

  it('are read in any order, also behind a double dash', () => {
    expect(readOptions(['--', '--no-demo', '--open'])).toEqual({ open: true, demo: false, help: false, version: false });
    expect(readOptions(['-h'])).toMatchObject({ help: true });
    expect(readOptions(['-v'])).toMatchObject({ version: true });
  });

  it('are listed in one line where one does not exist', () => {
    for (const wrong of ['--port', 'open', '--open=yes', '__proto__', 'toString'])
      expect(() => readOptions([wrong])).toThrow(
        new StartError(
          `there is no option "${wrong}"; the options are --open, --no-demo, --version, --help, and everything else is set in the environment or in .env (see .env.example)`,
        ),
      );
  });

  it('are all described by --help', () => {
    for (const name of ['--open', '--no-demo', '--version', '--help']) expect(optionsHelp()).toContain(name);
  });
});
