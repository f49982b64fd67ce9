/** The way into auth0-deploy-cli that makes an import fast: it is where we think, and it is safe. */
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { keepTypes, loadAsItself } from '#scripts/lib/deploy/import/keep-types.ts';

const require = createRequire(import.meta.url);
const TYPES = ['clients', 'clientGrants', 'actions', 'connections'];

describe('with the types of an import alone', () => {
  test('the schema of auth0-deploy-cli is where it was, and has them', () => {
    expect(keepTypes(TYPES, loadAsItself)).toBe(true);
    const { properties } = require('auth0-deploy-cli/lib/tools/auth0/schema').default;
    expect(Object.keys(properties).sort()).toEqual([...TYPES].sort());
  });

  test.each([
    ['a field of an Action', { actions: [{ name: 'x', code: 5, supported_triggers: [] }] }],
    ['a field that is missing', { actions: [{ name: 'x', code: '' }] }],
    ['a field of a grant', { clientGrants: [{ audience: 'x', subject_type: 'robot' }] }],
    ['a field of a connection', { connections: [{ name: 'x' }] }],
    ['a type that is not imported', { roles: [] }],
  ])('it still refuses %s', async (_, assets) => {
    keepTypes(TYPES, loadAsItself);
    const { default: Auth0 } = require('auth0-deploy-cli/lib/tools/auth0');
    const tool = new Auth0({}, assets, () => undefined);
    await expect(tool.validate()).rejects.toThrow('Schema validation failed');
  });
});

describe('where the schema is not as it was', () => {
  test.each<[string, () => unknown]>([
    ['not there', () => require('auth0-deploy-cli/lib/nowhere')],
    ['empty', () => ({})],
    ['of another shape', () => ({ default: { properties: 'all' } })],
    ['without a type of ours', () => ({ default: { properties: { actions: {}, prompts: {} } } })],
  ])('%s, it is left alone, and the import is slow and right', (_, load) => {
    expect(keepTypes(TYPES, load)).toBe(false);
  });
});
