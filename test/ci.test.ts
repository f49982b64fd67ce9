/** The CI files: every name in them leads somewhere, and secrets go where they must and nowhere else. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { VARIABLES } from '#scripts/lib/cli/variables.ts';
import { ROOT } from '#scripts/lib/root.ts';

interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly secrets?: string;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, { readonly inputs?: object; readonly branches?: unknown }>>;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const expression = (text: string) => `\${{ ${text} }}`;
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const readWorkflow = (name: string) =>
  parse(read(`.github/workflows/${name}.yml`), { strict: true }) as Workflow;
const entry = readWorkflow('deploy');
const tenant = readWorkflow('tenant');

/** The keys that GitHub documents, of those that are used here. */
const KEYS = {
  workflow: ['name', 'on', 'permissions', 'jobs'],
  job: [
    ...['if', 'needs', 'runs-on', 'timeout-minutes', 'environment', 'concurrency', 'strategy'],
    ...['outputs', 'env', 'steps', 'uses', 'with', 'secrets'],
  ],
  step: ['name', 'id', 'uses', 'with', 'run', 'env'],
};

describe.each([
  ['deploy.yml', entry],
  ['tenant.yml', tenant],
])('the GitHub workflow %s', (_, workflow) => {
  const jobs = Object.entries(workflow.jobs);

  test('has no key that GitHub does not know', () => {
    expect(KEYS.workflow).toEqual(expect.arrayContaining(Object.keys(workflow)));
    for (const [, job] of jobs) {
      expect(KEYS.job).toEqual(expect.arrayContaining(Object.keys(job)));
      for (const step of job.steps ?? []) {
        expect(KEYS.step).toEqual(expect.arrayContaining(Object.keys(step)));
        expect([step.uses, step.run].filter((what) => what !== undefined)).toHaveLength(1);
      }
    }
  });

  test('every job runs somewhere, for a limited time, or calls a workflow', () => {
    for (const [, job] of jobs) {
      const keys = job.uses === undefined ? ['runs-on', 'timeout-minutes', 'steps'] : ['with'];
      expect(Object.keys(job)).toEqual(expect.arrayContaining(keys));
    }
  });

  test('every job, step and input that is referred to is there', () => {
    for (const [, job] of jobs) {
      const needs = [job.needs ?? []].flat();
      for (const name of needs) expect(workflow.jobs).toHaveProperty(name);
      const text = JSON.stringify(job);
      for (const [, name = '', output = ''] of text.matchAll(/needs\.([\w-]+)\.outputs\.(\w+)/g)) {
        expect(needs).toContain(name);
        expect(workflow.jobs[name]?.outputs).toHaveProperty(output);
      }
      for (const [, id] of text.matchAll(/steps\.([\w-]+)\.outputs/g)) {
        expect(job.steps?.map((step) => step.id)).toContain(id);
      }
      const inputs = Object.values(workflow.on).flatMap((event) =>
        Object.keys(event?.inputs ?? {}),
      );
      for (const [, name] of text.matchAll(/inputs\.([\w-]+)/g)) expect(inputs).toContain(name);
    }
  });

  test('may read the repository, and nothing else', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  test('pins every action to a commit, and leaves no token behind', () => {
    const uses = jobs.flatMap(([, job]) => job.steps ?? []).filter((step) => step.uses);
    expect(uses.length).toBeGreaterThan(1);
    for (const step of uses) {
      expect(step.uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
      if (step.uses?.includes('checkout')) {
        expect(step.with).toEqual({ 'persist-credentials': false });
      }
      // What npm downloaded is kept; node_modules, which npm ci removes, is not.
      else expect(step.with).toEqual({ 'node-version': 22, cache: 'npm' });
    }
  });

  test('writes no value into a command: they come by the environment', () => {
    for (const step of jobs.flatMap(([, job]) => job.steps ?? [])) {
      expect(step.run ?? '').not.toContain('${{');
    }
  });
});

describe('on GitHub', () => {
  const jobs = Object.entries(tenant.jobs);

  test('secrets reach the last step of a job of an environment, and no npm ci', () => {
    expect(JSON.stringify(entry)).not.toContain('secrets.');
    let told = 0;
    for (const [, { steps = [], ...job }] of jobs) {
      expect(JSON.stringify(job)).not.toMatch(/secrets\.|vars\./);
      expect(JSON.stringify(steps.slice(0, -1))).not.toMatch(/secrets\.|vars\./);
      if (!JSON.stringify(steps).includes('secrets.')) continue;
      told += 1;
      expect(job.environment).toBeDefined();
      expect(steps.map((step) => step.run).slice(-2)).toEqual(['npm ci', expect.any(String)]);
      expect(steps.at(-1)?.run).not.toContain('npm ci');
    }
    expect(told).toBe(4);
  });

  test('a pull request is only checked, so Dependabot’s is too', () => {
    const onPullRequest = Object.entries(entry.jobs).filter(([, job]) =>
      job.if?.includes('pull_request'),
    );
    expect(onPullRequest.map(([name]) => name)).toEqual(['check']);
    for (const [name, job] of Object.entries(entry.jobs)) {
      if (name === 'check') expect(job).not.toHaveProperty('environment');
      else expect(job.if).toMatch(/^github\.event_name == '(push|schedule|workflow_dispatch)'/);
    }
    expect(Object.keys(entry.on)).not.toContain('pull_request_target');
    expect(entry.on.push).toEqual({ branches: ['main'] });
    expect(entry.jobs['by-hand']?.if).toContain("github.ref == 'refs/heads/main'");
  });

  test('plan and deploy have one environment, and only the plan that was agreed to is deployed', () => {
    const { plan, approve, deploy } = tenant.jobs;
    expect(plan?.environment).toBe(expression('inputs.tenant'));
    expect(deploy?.environment).toBe(plan?.environment);
    expect(deploy?.steps?.at(-1)?.env).toEqual(plan?.steps?.at(-1)?.env);
    expect(approve?.environment).toBe(`${expression('inputs.tenant')}-approval`);
    expect(approve?.if).toBe("needs.plan.outputs.fingerprint != ''");
    expect(deploy?.needs).toEqual(['plan', 'approve']);
    expect(deploy?.env).toEqual({ PLAN: expression('needs.plan.outputs.fingerprint') });
    expect(deploy?.steps?.at(-1)?.run).toContain('npm run deploy -- --yes --plan "$PLAN"');
    expect(entry.jobs.deploy).toMatchObject({ needs: 'check', strategy: { 'max-parallel': 1 } });
  });

  test('the doctor waits for nobody: its environment and its group are its own', () => {
    const { doctor, ...others } = tenant.jobs;
    for (const job of Object.values(others)) {
      expect(job.environment).not.toBe(doctor?.environment);
      expect(job.concurrency?.group).not.toBe(doctor?.concurrency?.group);
    }
    expect(doctor).not.toHaveProperty('needs');
  });

  test('deploy and rollback never write at the same time', () => {
    const { deploy, rollback } = tenant.jobs;
    expect(deploy?.concurrency).toEqual({
      group: `writing-${expression('inputs.tenant')}`,
      'cancel-in-progress': false,
    });
    expect(rollback?.concurrency).toEqual(deploy?.concurrency);
  });

  test('each command can be run by hand, and each job has its command', () => {
    const { workflow_dispatch: byHand } = entry.on;
    const { command } = (byHand?.inputs ?? {}) as { command: { options: readonly string[] } };
    expect(command.options).toEqual(['doctor', 'rollback', 'deploy']);
    for (const name of command.options) {
      expect(JSON.stringify(tenant)).toContain(`inputs.command == '${name}'`);
    }
  });

  test('every name of ours reaches every job that works on a tenant', () => {
    // A path and a token that lasts a day are not for CI: the key comes as AUTH0_SIGNING_KEY_BASE64.
    const names = VARIABLES.map(({ name }) => name).filter(
      (name) => !['AUTH0_CLIENT_SIGNING_KEY_PATH', 'AUTH0_ACCESS_TOKEN'].includes(name),
    );
    for (const name of ['plan', 'deploy', 'rollback', 'doctor']) {
      const env = tenant.jobs[name]?.steps?.at(-1)?.env ?? {};
      expect(Object.keys(env).sort()).toEqual([...names, 'AUTH0_SIGNING_KEY_BASE64'].sort());
      for (const { name: variable, isSecret } of VARIABLES) {
        if (env[variable] === undefined) continue;
        expect(env[variable]).toBe(expression(`${isSecret ? 'secrets' : 'vars'}.${variable}`));
      }
    }
  });
});

interface PipelineStep {
  readonly name: string;
  readonly caches?: readonly string[];
  readonly script: readonly string[];
  readonly artifacts?: readonly string[];
  readonly deployment?: string;
  readonly trigger?: string;
}
type Pipeline = readonly { readonly step?: PipelineStep; readonly variables?: unknown }[];

describe('bitbucket-pipelines.yml', () => {
  const file = parse(read('bitbucket-pipelines.yml'), { strict: true, merge: true }) as {
    readonly definitions: { readonly caches: Readonly<Record<string, { readonly path: string }>> };
    readonly pipelines: Readonly<Record<string, Readonly<Record<string, Pipeline>>>>;
  };
  const pipelines = Object.values(file.pipelines).flatMap((group) => Object.entries(group));
  const stepsOf = (pipeline: Pipeline) => pipeline.flatMap(({ step }) => step ?? []);

  test('has no key that Bitbucket does not know', () => {
    expect(Object.keys(file)).toEqual(['image', 'options', 'definitions', 'pipelines']);
    expect(Object.keys(file.pipelines)).toEqual(['pull-requests', 'branches', 'custom']);
    const keys = ['name', 'caches', 'script', 'artifacts', 'deployment'];
    for (const [, pipeline] of pipelines) {
      for (const step of stepsOf(pipeline)) {
        expect(keys).toEqual(expect.arrayContaining(Object.keys(step)));
        for (const cache of step.caches ?? [])
          expect(file.definitions.caches).toHaveProperty(cache);
        for (const line of step.script) expect(typeof line).toBe('string');
      }
    }
  });

  test.each(pipelines)('%s begins by itself, and uses an environment once', (_, pipeline) => {
    const steps = stepsOf(pipeline);
    expect(steps[0]).toBeDefined();
    expect(steps[0]).not.toHaveProperty('trigger');
    const environments = steps.flatMap(({ deployment }) => deployment ?? []);
    expect(new Set(environments).size).toBe(environments.length);
  });

  test.each(pipelines)('%s has secrets in its last step alone, after npm ci', (_, pipeline) => {
    const steps = stepsOf(pipeline);
    for (const [index, step] of steps.entries()) {
      if (step.deployment === undefined) continue;
      expect(index).toBe(steps.length - 1);
      expect(step.script.join()).not.toMatch(/npm (ci|install)/);
      expect(steps[index - 1]).toMatchObject({
        script: ['npm ci'],
        artifacts: ['node_modules/**'],
      });
    }
  });

  test('caches what npm ci uses', () => {
    expect(file.definitions.caches.npm).toEqual({
      key: { files: ['package-lock.json'] },
      path: '~/.npm',
    });
  });

  test('only checks a pull request, and deploys only a plan that somebody agreed to', () => {
    for (const pipeline of Object.values(file.pipelines['pull-requests'] ?? {})) {
      for (const step of stepsOf(pipeline)) expect(step).not.toHaveProperty('deployment');
    }
    const deploying = pipelines.filter(([, pipeline]) =>
      /npm run deploy/.test(JSON.stringify(pipeline)),
    );
    expect(deploying.length).toBeGreaterThan(0);
    for (const [name, pipeline] of deploying) {
      expect(pipeline[0]).toEqual({ variables: [{ name: 'PLAN' }] });
      const last = stepsOf(pipeline).at(-1);
      expect(last?.script.at(-1)).toBe('npm run deploy -- --yes --plan "$PLAN"');
      expect(name).toBe(`deploy-${last?.deployment}`);
    }
  });
});

describe('the plan in CI', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ci-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** With an npm that says a plan and ends with `code`. */
  async function run(plan: string, code: number) {
    const at = (name: string) => join(folder, name);
    writeFileSync(at('npm'), `#!/bin/sh\nprintf '%s\\n' "${plan}"\nexit ${code}\n`);
    chmodSync(at('npm'), 0o755);
    for (const name of ['output', 'summary']) writeFileSync(at(name), '');
    const env = {
      PATH: `${folder}:${process.env.PATH}`,
      ...{ GITHUB_OUTPUT: at('output'), GITHUB_STEP_SUMMARY: at('summary') },
    };
    const args = [join('scripts', 'ci', 'plan.sh')];
    return new Promise<{ code: number; stdout: string; output: string; summary: string }>(
      (resolve) => {
        execFile('sh', args, { cwd: ROOT, env }, (error, stdout) => {
          const [output, summary] = ['output', 'summary'].map((name) =>
            readFileSync(at(name), 'utf8'),
          ) as [string, string];
          resolve({ code: error === null ? 0 : Number(error.code), stdout, output, summary });
        });
      },
    );
  }

  test('is in the summary, and hands on its fingerprint', async () => {
    const plan = '~ Action x  update\nFingerprint: 0a1b';
    expect(await run(plan, 2)).toEqual({
      code: 0,
      stdout: `${plan}\n`,
      output: 'fingerprint=0a1b\n',
      summary: `\`\`\`\`\n${plan}\n\`\`\`\`\n`,
    });
  });

  test('without changes hands on none', async () => {
    expect(await run('nothing to do.', 0)).toMatchObject({ code: 0, output: '' });
  });

  test('that fails, fails, and hands on nothing', async () => {
    expect(await run('Fingerprint: 0a1b', 1)).toMatchObject({ code: 1, output: '', summary: '' });
  });
});
