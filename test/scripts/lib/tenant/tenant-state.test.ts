/** What of a tenant's state is told to people. */
import { expect, test } from 'vitest';
import { nameOfClient } from '#scripts/lib/tenant/tenant-state.ts';

test.each([
  ['Shop', 'Shop'],
  ['Shop\n::error::pay', 'Shop\\u{a}: :error: :pay'],
  ['Shop\u001b[2J', 'Shop\\u{1b}[2J'],
])('the application %j is told as %j: no line and no command of its own', (name, told) => {
  expect(nameOfClient({ clients: [{ client_id: 'id', name }] }, 'id')).toBe(told);
  expect(nameOfClient({ clients: [] }, 'id')).toBe('id');
});
