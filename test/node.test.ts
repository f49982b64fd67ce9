/** Which Node the project asks for, and what one that is too old says. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '#scripts/lib/root.ts';

const { minVersion, satisfies } = createRequire(import.meta.url)('semver') as {
  minVersion(range: string): { readonly version: string };
  satisfies(version: string, range: string): boolean;
};

interface Package {
  readonly engines?: { readonly node?: string };
}
const read = (name: string) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const { engines, scripts } = read('package.json') as {
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
};
const { packages } = read('package-lock.json') as {
  readonly packages: Readonly<Record<string, Package>>;
};

/** The first and the last of each line that `engines` names. */
const NAMED = engines.node.split('||').flatMap((line) => {
  const first = minVersion(line.trim()).version;
  return [first, `${first.split('.')[0]}.999.0`];
});

describe('engines', () => {
  test.each(NAMED)('%s is what every package of the lock file takes', (version) => {
    const refusing = Object.entries(packages).filter(
      ([, entry]) => entry.engines?.node && !satisfies(version, entry.engines.node),
    );
    expect(refusing.map(([name]) => name)).toEqual([]);
  });

  test('the Node that npm ci installs is one of them', () => {
    expect(satisfies(process.versions.node, engines.node)).toBe(true);
  });
});

describe('an npm script', () => {
  test.each(Object.entries(scripts))('%s is guarded against an old Node', (_, script) => {
    expect(script).toMatch(
      /^(?:exec )?node (?:-r \.\/scripts\/node-guard\.cjs |scripts\/node-guard\.cjs && )/,
    );
  });

  const load = (version: string) =>
    spawnSync(process.execPath, [
      '-e',
      `Object.defineProperty(process.versions, 'node', { value: '${version}' });
       require(${JSON.stringify(join(ROOT, 'scripts', 'node-guard.cjs'))})`,
    ]);

  test.each(['0.10.48', '18.20.8', '20.20.2', '22.6.0', '22.18.0', '23.11.1', '24.4.1'])(
    'says in one sentence that Node %s is too old',
    (version) => {
      const { status, stderr, stdout } = load(version);
      expect(status).toBe(1);
      expect(stdout.toString()).toBe('');
      expect(stderr.toString()).toMatch(
        new RegExp(
          `^✗ This is Node ${version}, and the scripts need \\^22.+npm rebuild node\\.\n$`,
        ),
      );
    },
  );

  test.each([process.versions.node, ...NAMED, '25.0.0'])('takes Node %s', (version) => {
    expect(load(version)).toMatchObject({ status: 0 });
  });
});
