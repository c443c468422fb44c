import { optionsHelp, readOptions, type StartOptions } from './start/options.ts';
import { StartError } from './start/start-error.ts';
import { version } from './version.ts';

const options = optionsOrExit();
if (options.help) process.stdout.write(`${optionsHelp()}\n`);
else if (options.version) process.stdout.write(`${version}\n`);
// Loaded when it is needed: the help and the version take no time.
else await (await import('./start/run.ts')).run(options);

function optionsOrExit(): StartOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`Coucou did not start: ${error.message}\n`);
    process.exit(1);
  }
}
