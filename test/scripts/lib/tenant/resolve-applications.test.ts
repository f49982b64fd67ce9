/** Applications are named as people name them, and never taken for another one. */
import { expect, test } from 'vitest';
import { readApplicationList } from '#scripts/lib/cli/environment.ts';
import { resolveApplications } from '#scripts/lib/tenant/resolve-applications.ts';

const clients = [
  { client_id: '1', name: 'App' },
  { client_id: '2', name: 'Twin' },
  { client_id: '3', name: 'Twin' },
  { client_id: '4', name: 'Acme, Inc. Portal' },
  { client_id: '5', name: 'Acme' },
  { client_id: '6', name: '1' },
];
const resolve = (list: string) =>
  resolveApplications(readApplicationList({ L: list }, 'L'), clients);

test.each([
  ['', []],
  ['App', ['1']],
  ['App,Acme', ['1', '5']],
  ['App\nAcme, Inc. Portal', ['1', '4']],
  ['Acme, App\nAcme', ['5', '1']],
  ['2', ['2']],
  ['3, App', ['3', '1']],
  // Somebody named an application like the client id of another.
  ['1', ['1']],
])('“%s” are %j', (list, ids) => {
  expect(resolve(list)).toEqual(ids);
});

test.each([
  ['Nobody', '  - the tenant has no application “Nobody”, by name or by client id'],
  ['app', 'no application “app”'],
  [
    'App, Acme, Inc. Portal',
    '“Inc. Portal”, by name or by client id; a name that holds a comma stands',
  ],
  [
    'Twin',
    'several applications answer to “Twin”: write the client id of the one that is meant (2, 3)',
  ],
  ['Nobody\nTwin', '“Nobody”, by name or by client id\n  - several'],
])('“%s” cannot be followed', (list, reason) => {
  expect(() => resolve(list)).toThrow(reason);
  expect(() => resolve(list)).toThrow('nothing was changed');
});
