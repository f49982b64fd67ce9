/** What the build refuses to hand to a deploy. */
import { describe, expect, test } from 'vitest';
import { listActionNames } from '#scripts/lib/build/actions.ts';
import { bundleAction } from '#scripts/lib/build/bundle.ts';
import { assertDeployable, MAX_BUNDLE_BYTES } from '#scripts/lib/build/guard.ts';

const GOOD = 'exports.onExecutePostLogin = async () => {};';

describe('a bundle', () => {
  test('that is as it should be is taken', () => {
    expect(() => assertDeployable('good', GOOD)).not.toThrow();
  });

  test('that requires a node: built-in is taken', () => {
    const code = `const { createHash } = require("node:crypto"); createHash("sha256");${GOOD}`;
    expect(() => assertDeployable('good', code)).not.toThrow();
  });

  test.each([
    ['is too large', `${GOOD}//${'x'.repeat(MAX_BUNDLE_BYTES)}`, /bytes; Auth0 takes 100000/],
    ['requires a package', `require("axios");${GOOD}`, /requires axios/],
    [
      'would require a package later',
      `${GOOD}function f() { return require('lodash') }`,
      /requires lodash/,
    ],
    ['would import a package later', `${GOOD}const f = () => import("jose")`, /requires jose/],
    ['requires a built-in without node:', `require("fs");${GOOD}`, /requires fs/],
    ['requires what it computes', `require("ax" + "ios");${GOOD}`, /requires axios/],
    [
      'requires a built-in that does not exist',
      `require("node:sqlite3");${GOOD}`,
      /requires node:sqlite3/,
    ],
    ['exports nothing', 'const a = 1;', /exports nothing/],
    [
      'exports something else too',
      `${GOOD}exports.helper = () => {};`,
      /exports onExecutePostLogin, helper/,
    ],
    [
      'exports another name',
      'exports.onExecutePreUserRegistration = () => {};',
      /onExecutePreUserRegistration/,
    ],
    ['exports no function', 'exports.onExecutePostLogin = 1;', /exports onExecutePostLogin;/],
    ['fails when it is loaded', `throw new Error('boom');${GOOD}`, /module code fails: boom/],
    ['is no JavaScript', 'const = ;', /module code fails/],
    ['holds what the deploy would replace', `const a = '##PATH##';${GOOD}`, /##PATH##/],
    ['holds a list that the deploy would replace', `const a = '@@NAMES@@';${GOOD}`, /@@NAMES@@/],
  ])('that %s is refused', (_, code, reason) => {
    expect(() => assertDeployable('bad', code)).toThrow(reason);
    expect(() => assertDeployable('bad', code)).toThrow(/^bad cannot be deployed/);
  });

  test('is refused for every reason at once', () => {
    const code = `require("axios"); const a = '##PATH##';`;
    expect(() => assertDeployable('bad', code)).toThrow(/axios[\s\S]*|PATH/);
    expect(() => assertDeployable('bad', code)).toThrow(/PATH/);
  });
});

test.each(await listActionNames())(
  '%s is bundled into something that may be deployed',
  async (name) => {
    const code = await bundleAction(name);
    expect(() => assertDeployable(name, code)).not.toThrow();
    expect(await bundleAction(name)).toBe(code);
  },
);
