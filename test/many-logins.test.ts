/**
 * 1,000 logins at once of 50 people, in one instance of the shipped files: everybody gets their own
 * claims and nobody another's, and what it took of memory is given back.
 */
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { bundlePathOf, listActionNames } from '../scripts/lib/build/actions.ts';
import { createUuid } from '../scripts/local/bitbucket/world.ts';
import { NAMESPACE, SECRETS } from './support/action-run.ts';
import type { ManyLoginsMessage, ManyLoginsSetup, Person } from './support/many-logins-worker.ts';

const PEOPLE = 50;
const LOGINS = 1_000;
const SLUGS = ['red', 'green', 'blue'];
const PERMISSIONS = ['owner', 'create-project', 'collaborator', 'member'];

/** Everybody stands differently in the three workspaces; every fifth is in none. */
const people = Array.from({ length: PEOPLE }, (_, index): Person => {
  const standings = SLUGS.map((slug, place) => [slug, PERMISSIONS[(index + place) % 4]] as const);
  const isIn = (place: number) => index % 5 !== 0 && (index + place) % 3 !== 0;
  return {
    userId: `bitbucket|${index}`,
    uuid: createUuid(`person ${index}`),
    email: `person${index}@example.com`,
    permissions: Object.fromEntries(
      standings.flatMap(([slug, permission], place) =>
        isIn(place) && permission !== undefined ? [[slug, permission]] : [],
      ),
    ),
  };
});
const uuids = Object.fromEntries(SLUGS.map((slug) => [slug, createUuid(slug)]));

test('1,000 logins at once of 50 people', async () => {
  const names = await listActionNames();
  const { outcomes, heapBefore, heapAfter, leftOpen } = await runInWorker({
    codes: await Promise.all(names.map((name) => readFile(bundlePathOf(name), 'utf8'))),
    secrets: { ...SECRETS, ALLOWED_WORKSPACES: SLUGS.join(',') },
    people,
    uuids,
    count: LOGINS,
  });

  expect(outcomes).toHaveLength(LOGINS);
  for (const [index, { reason, claims, appMetadata }] of outcomes.entries()) {
    const { uuid, email, permissions } = people[index % PEOPLE] as Person;
    const workspaces = Object.entries(permissions).map(([slug, permission]) => ({
      uuid: uuids[slug],
      slug,
      permission,
    }));
    expect(appMetadata.bitbucket).toMatchObject({ uuid, workspaces });
    if (workspaces.length === 0) {
      expect(reason).toMatch(/^bitbucket_workspace_required: /);
      continue;
    }
    expect(reason).toBeUndefined();
    expect(claims).toEqual({
      [`${NAMESPACE}/uuid`]: uuid,
      [`${NAMESPACE}/email`]: email,
      [`${NAMESPACE}/email_verified`]: true,
      [`${NAMESPACE}/workspaces`]: workspaces,
      [`${NAMESPACE}/groups`]: workspaces.flatMap(({ slug, permission }) => [
        slug,
        `${slug}:${permission}`,
      ]),
    });
  }
  // A login takes some kilobytes: kept, a thousand of them would be megabytes.
  expect(heapAfter - heapBefore).toBeLessThan(1_000_000);
  expect(leftOpen).toBe(0);
}, 120_000);

async function runInWorker(workerData: ManyLoginsSetup) {
  const worker = new Worker(new URL('./support/many-logins-worker.ts', import.meta.url), {
    workerData,
    execArgv: [],
  });
  try {
    const [first, second] = await collectMessages(worker);
    if (first?.kind !== 'outcomes' || second?.kind !== 'memory') throw new Error('unexpected');
    return { ...second, outcomes: first.outcomes };
  } finally {
    await worker.terminate();
  }
}

function collectMessages(worker: Worker): Promise<readonly ManyLoginsMessage[]> {
  const messages: ManyLoginsMessage[] = [];
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (message: ManyLoginsMessage) => {
      messages.push(message);
      if (messages.length === 2) resolve(messages);
    });
  });
}
