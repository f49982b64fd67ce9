/** The shape in docs/stored-data.md is what is written, and what is read. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createFindings } from '#actions/lib/bitbucket/findings.ts';
import { merge } from '#actions/lib/knowledge/merge.ts';
import { addressMark } from '#actions/lib/knowledge/owner.ts';
import { createStored } from '#actions/lib/knowledge/store.ts';
import { LOOK_KEY, readFacts, SUMMARY_KEY } from '#actions/lib/knowledge/stored.ts';

const OWNER = { connection: 'bitbucket', accounts: ['557058:ac3e2b9d'] };
const ADDRESS = { text: 'olivia@example.com', mark: addressMark(OWNER, 'olivia@example.com') };
const ACME = { uuid: '{9a7a67cf-827e-48c4-887e-66e281afef76}', slug: 'acme' };
const SIGNED_IN_AT = Date.parse('2026-11-25T09:30:00.000Z');
const RECHECKED_AT = Date.parse('2026-11-25T12:45:00.000Z');

function example() {
  const signIn = createFindings(SIGNED_IN_AT, 'person');
  signIn.account({ uuid: '{b77eb7ec-0f1f-4834-87b6-6e6eef76ac5e}', isActive: true });
  signIn.address(ADDRESS.mark, true, ADDRESS.text);
  signIn.member('acme', ACME, 'owner');
  signIn.noMember('beta', '403');
  signIn.repository('acme/infra', {
    uuid: '{5c3b1b6e-6a9d-4b8e-9f0a-2d4f8e6c7a10}',
    fullName: 'acme/infra',
    permission: 'write',
  });
  const recheck = createFindings(RECHECKED_AT, 'consumer');
  recheck.account({ uuid: '{b77eb7ec-0f1f-4834-87b6-6e6eef76ac5e}', isActive: true });
  recheck.member('acme', ACME, undefined);
  return merge(signIn.end().found, recheck.end().found);
}

const STORED = createStored({
  facts: example(),
  owner: OWNER,
  address: ADDRESS,
  askedFor: ['acme', 'beta', 'acme/infra'],
  refusal: {
    at: Date.parse('2026-11-24T18:02:11.000Z'),
    code: 'bitbucket_unavailable',
    cause: 'bitbucket permission: 503',
    clientId: 'dJ3kQ0zXw8',
  },
});

test('the facts in the page are as they are written, and are read back', async () => {
  const page = await readFile(new URL('../../docs/stored-data.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => JSON.parse(json));
  expect(blocks).toEqual([STORED[SUMMARY_KEY], STORED[LOOK_KEY]]);
  const facts = readFacts({ [LOOK_KEY]: blocks[1] }, OWNER, ADDRESS, RECHECKED_AT + 1);
  expect(facts).toEqual(example());
});
