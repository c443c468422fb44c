import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';

// GitHub's own parser imports JSON as bundlers let it.
const hook = registerHooks({
  load: (url, context, next) => next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { validate } = await import('@actions/languageservice');
hook.deregister();

const repository = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(repository, path), 'utf8');

type Step = { id?: string; name?: string; uses?: string; with?: Record<string, unknown>; run?: string; if?: string };

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency: { group: string };
  jobs: Record<
    string,
    {
      'runs-on': string;
      'timeout-minutes': number;
      permissions?: Record<string, string>;
      strategy?: { matrix: Record<string, unknown> };
      env?: Record<string, string>;
      steps: Step[];
    }
  >;
}

const workflow = (name: string) => parse(read(`.github/workflows/${name}.yml`)) as Workflow;
const names = readdirSync(resolve(repository, '.github/workflows')).map((file) => file.replace(/\.yml$/, ''));
const stepsOf = (name: string): Step[] => Object.values(workflow(name).jobs).flatMap(({ steps }) => steps);
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
/** Programs that pnpm finds, and words of its own. */
const OWN_WORDS = new Set(['install', 'vitest']);

let judged = 0;
const problemsOf = async (text: string): Promise<string[]> => {
  // The parser keeps what it has read under its address.
  const document = TextDocument.create(`file:///.github/workflows/${(judged += 1)}.yml`, 'yaml', 1, text);
  return (await validate(document)).map(
    ({ message, range }) => `line ${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  );
};

describe('the workflows', () => {
  it.each(names)('%s is what GitHub understands, by its own parser', async (name) => {
    expect(await problemsOf(read(`.github/workflows/${name}.yml`))).toEqual([]);
  });

  it('a fault would be found', async () => {
    const job = (rest: string) => problemsOf(`on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n${rest}`);
    expect(await job('    steps:\n      - run: echo ${{ matrx.a }}\n')).toEqual([expect.stringContaining("'matrx'")]);
    expect(await job('    steps:\n      - run: echo ${{ steps.a.outputs.b }}\n')).toEqual([
      expect.stringContaining('access might be invalid: a'),
    ]);
    expect(await job('    needs: b\n    steps:\n      - run: echo\n')).not.toEqual([]);
    expect(await job('    stepss: []\n')).not.toEqual([]);
  });

  it.each(names)('%s may only read unless a job says more, ends by itself, and runs what is there', (name) => {
    const { permissions, concurrency, jobs } = workflow(name);
    expect(permissions).toEqual({ contents: 'read' });
    expect(concurrency.group).toContain('github.workflow');
    for (const job of Object.values(jobs)) {
      expect(job).toMatchObject({ 'runs-on': expect.any(String), 'timeout-minutes': expect.any(Number) });
      expect(name === 'release' ? undefined : job.permissions).toBeUndefined();
      expect(job.steps.filter((step) => (step.run === undefined) === (step.uses === undefined))).toEqual([]);
      const commands = job.steps.map((step) => step.run ?? '').join('\n');
      const paths = commands.match(/(?<![\w/])(?:tests|\.ci|deploy)\/[\w./-]+/g) ?? [];
      // `deploy/.env` and `deploy/server.env` are made by deploy/init.
      expect(paths.filter((path) => !path.endsWith('.env') && !existsSync(resolve(repository, path)))).toEqual([]);
      const asked = [...commands.matchAll(/pnpm@12 ([\w:-]+)/g)].map(([, script]) => script ?? '');
      expect(asked.filter((script) => !OWN_WORDS.has(script) && scripts[script] === undefined)).toEqual([]);
    }
  });

  it.each(names)('%s runs actions of GitHub, and those of others as they were reviewed', (name) => {
    const lines = read(`.github/workflows/${name}.yml`)
      .split('\n')
      .filter((line) => /uses:/.test(line));
    // A tag can be moved to other code, as happened to the scanner's in 2026; a commit cannot.
    expect(
      lines.filter(
        (line) => !/uses: actions\/\w[\w-]*@v\d+$/.test(line) && !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
      ),
    ).toEqual([]);
    expect(read(`.github/workflows/${name}.yml`)).not.toMatch(/docker run (?!.*@sha256:)(?!.*\\$)/m);
  });

  it('ci shows all that a change may break', () => {
    const { jobs } = workflow('ci');
    expect(Object.keys(jobs)).toEqual(['check', 'test', 'postgres', 'nodes', 'faults', 'browser', 'load', 'docs', 'chart', 'image']);
    expect(jobs['postgres']?.strategy?.matrix['version']).toEqual([15, 16, 17, 18]);
    expect(read('tests/support/docker.ts')).toContain(Object.keys(jobs['postgres']?.env ?? {})[0] ?? 'nothing');
  });

  it('release says what is in the image and how it was built, and publishes nothing unscanned or unchecked', () => {
    const steps = stepsOf('release');
    const build = steps.find(({ uses }) => uses?.startsWith('docker/build-push-action'));
    expect(build?.with).toMatchObject({ sbom: true, provenance: 'mode=max' });
    for (const name of ['ci', 'release']) {
      const scan = stepsOf(name).find(({ uses }) => uses?.startsWith('aquasecurity/trivy-action'));
      expect(scan?.with).toMatchObject({ 'exit-code': '1', severity: 'HIGH,CRITICAL' });
    }
    for (const [, name = ''] of String(build?.with?.['build-args']).matchAll(/^(\w+)=/gm))
      expect(read('Dockerfile')).toMatch(new RegExp(`^ARG .*\\b${name}=`, 'm'));
    expect(workflow('release').jobs['publish']).toMatchObject({ needs: ['ready', 'image'] });
  });

  it('nightly goes further than every push, each night, on the services that ci has', () => {
    const { on, jobs } = workflow('nightly');
    expect(on).toMatchObject({ schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }] });
    const setUp = workflow('ci').jobs['test']?.steps.filter((step) => step.uses !== undefined);
    const run: Record<string, string> = {
      NIGHTLY: 'tests/sync/state.test.ts',
      PLANS_SIZE: 'tests/storage/plans-seeded.test.ts',
      SIMULATED_REFRESHES: 'tests/auth/simulation.test.ts',
      REVOCATIONS: 'tests/nodes/revocations.test.ts',
      IDEMPOTENCY_KILLS: 'tests/nodes/idempotency.test.ts',
      JOBS: 'tests/faults/jobs.test.ts',
      SCHEDULES_LONG: 'tests/faults/month-of-schedules.test.ts',
      RECURRENCE_RUNS: 'tests/faults/recurrence.test.ts',
      SCHEDULES_SEED: 'tests/faults/month-of-schedules.test.ts',
      CHURN_CONNECTIONS: 'tests/realtime/churn.test.ts',
    };
    for (const { env = {}, steps } of Object.values(jobs)) {
      expect(steps.filter((step) => step.uses !== undefined)).toEqual(setUp);
      const commands = steps.map((step) => step.run ?? '').join('\n');
      // `pnpm faults` reports for itself.
      const summary = commands.includes('vitest') ? { run: 'node .ci/summary.mjs', if: 'always()' } : steps.at(-1);
      expect(steps.at(-1)).toEqual(summary);
      for (const name of Object.keys(env)) {
        expect(read(run[name] ?? '')).toContain(name);
        expect(commands.split(/\s/).some((word) => word.length > 0 && run[name]?.startsWith(word))).toBe(true);
      }
    }
    expect(Object.values(jobs).flatMap(({ env = {} }) => Object.keys(env))).toEqual(Object.keys(run));
  });
});
