/**
 * Auth0's export of users: a job is asked for, waited for, and its file read line by line; it is not
 * kept here, and Auth0 deletes it after a day. Not on the Free plan.
 * https://auth0.com/docs/manage-users/user-migration/bulk-user-exports
 */

import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { parseJson, readField, readString } from '#actions/lib/read.ts';
import type { Step } from '../cli/progress.ts';
import type { Answer, ManagementApi } from '../tenant/management-api.ts';
import { shorten, TenantError } from '../tenant/tenant-error.ts';
import { parseUser, type TenantUser, USER_FIELDS } from './tenant-user.ts';

/** Between two looks at the job; each longer than the last, up to the second. */
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** Without any progress. */
const PATIENCE_MS = 15 * 60_000;
/** Of the file, without a byte. */
const SILENCE_MS = 60_000;
/** A link lasts 60 s; the job gives another. */
const MOST_LINKS = 3;

/**
 * Every user of the connection, or of the tenant, one after the other.
 * @throws {TenantError} where the job is refused, fails or makes no progress, or its file is not whole.
 */
export async function exportUsers(
  api: ManagementApi,
  connectionId: string | undefined,
  keep: (user: TenantUser) => void,
  step: Pick<Step, 'note'>,
): Promise<void> {
  step.note('export: asked for');
  const job = await createJob(api, connectionId);
  const id = readString(job, 'id');
  if (id === undefined) throw new TenantError('The export of users was begun without an id.');
  let link = await waitForLink(api, id, step);
  for (let tries = 1; ; tries += 1) {
    const body = await open(link);
    if (body !== undefined) {
      step.note('export: reading');
      return readLines(body, keep);
    }
    if (tries === MOST_LINKS) {
      throw new TenantError('The export of users is done, and its file cannot be fetched.');
    }
    link = await waitForLink(api, id, step);
  }
}

async function createJob(api: ManagementApi, connectionId: string | undefined): Promise<Answer> {
  const what = 'POST /api/v2/jobs/users-exports';
  try {
    return await api.ask(
      what,
      (sdk, options) =>
        sdk.jobs.usersExports.create(
          {
            ...(connectionId === undefined ? {} : { connection_id: connectionId }),
            format: 'json',
            fields: USER_FIELDS.map((name) => ({ name })),
          },
          options,
        ),
      { isRepeatable: false },
    );
  } catch (error) {
    if (!(error instanceof TenantError) || error.status === undefined) throw error;
    throw new TenantError(
      `${error.message}\nMore than 1,000 people come through Auth0's export of users alone, and its Free plan has none.`,
      error.status,
    );
  }
}

async function waitForLink(
  api: ManagementApi,
  id: string,
  step: Pick<Step, 'note'>,
): Promise<string> {
  let progress = '';
  let progressAt = performance.now();
  for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    const job = await api.ask('GET /api/v2/jobs/{id}', (sdk, options) => sdk.jobs.get(id, options));
    const status = readString(job, 'status') ?? 'unknown';
    const location = readString(job, 'location');
    if (status === 'completed' && location !== undefined) return location;
    if (status === 'failed') {
      const details = readString(job, 'status_details');
      throw new TenantError(
        `The export of users failed${details === undefined ? '' : `: ${shorten(details)}`}. Try again.`,
      );
    }
    const now = describe(job, status);
    if (now !== progress) progressAt = performance.now();
    progress = now;
    step.note(`export: ${now}`);
    if (performance.now() - progressAt > PATIENCE_MS) {
      throw new TenantError(
        `The export of users has made no progress in ${PATIENCE_MS / 60_000} minutes (${now}). Try again later.`,
      );
    }
    await sleep(pauseMs);
  }
}

function describe(job: Answer, status: string): string {
  const percentage = readField(job, 'percentage_done');
  const seconds = readField(job, 'time_left_seconds');
  return [
    status,
    ...(typeof percentage === 'number' ? [`${percentage} %`] : []),
    ...(typeof seconds === 'number' && seconds > 0 ? [`${seconds} s left`] : []),
  ].join(', ');
}

/** Signed, at another host: our token has no business there. `undefined` where it does not open. */
async function open(link: string): Promise<Readable | undefined> {
  if (!URL.canParse(link) || new URL(link).protocol !== 'https:') {
    throw new TenantError('The export of users has a link that is not https.');
  }
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), SILENCE_MS);
  try {
    const response = await fetch(link, { signal: controller.signal });
    if (response.ok && response.body !== null) {
      const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
      body.on('data', () => timer.refresh());
      body.pause();
      body.once('close', () => clearTimeout(timer));
      return body;
    }
    await response.body?.cancel();
  } catch {
    // The error of a network holds the link, which is as good as a credential.
  }
  clearTimeout(timer);
  return undefined;
}

/** Gzipped JSON lines; a server that says so in a header has had them unpacked already. */
async function readLines(body: Readable, keep: (user: TenantUser) => void): Promise<void> {
  try {
    const lines = createInterface({ input: await unpack(body), crlfDelay: Infinity });
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const user = parseUser(parseJson(line));
      if (user === undefined) throw new TenantError(NOT_WHOLE);
      keep(user);
    }
  } catch (error) {
    throw error instanceof TenantError ? error : new TenantError(NOT_WHOLE);
  } finally {
    body.destroy();
  }
}

const NOT_WHOLE = 'The file of the export of users cannot be read, or is not whole. Try again.';

async function unpack(body: Readable): Promise<Readable> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return Readable.from([]);
  const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
  const whole = Readable.from(
    (async function* () {
      yield first.value;
      for (;;) {
        const next = await chunks.next();
        if (next.done === true) return;
        yield next.value;
      }
    })(),
  );
  if (!isGzip) return whole;
  const gunzip = createGunzip();
  whole.on('error', (error) => gunzip.destroy(error));
  return whole.pipe(gunzip);
}
