/** /jobs: exports of users, which take a while and end in a file that is fetched elsewhere. */

import { createDownload } from '../downloads.ts';
import { createId, type StoredJob } from '../store.ts';
import { renderExport } from './export-file.ts';
import { type ApiContext, type Handler, invalidBody, notFound, type Route } from './http.ts';
import { assertBody, assertQuery, type Body, optionalString, requireString } from './validate.ts';

const MAX_NAME_LENGTH = 100;
const MAX_CSV_FIELDS = 30;
const METADATA = ['app_metadata', 'user_metadata'];
/** "All job-related data is automatically deleted after 24 hours." */
const JOB_LIFE_MS = 24 * 60 * 60 * 1_000;

const createExport: Handler = ({ body }, context) => {
  const asked = assertBody(body ?? {}, ['connection_id', 'format', 'limit', 'fields']);
  const connectionId = optionalString(asked, 'connection_id');
  const connection =
    connectionId === undefined ? undefined : context.store.connections.get(connectionId);
  if (connectionId !== undefined && connection === undefined) throw notFound('connection');
  const format = optionalString(asked, 'format') ?? 'json';
  if (format !== 'json' && format !== 'csv') throw invalidBody('No enum match', 'format');
  const fields = readFields(asked, format);
  const limit = readLimit(asked);
  const job: StoredJob = {
    id: createId('job_'),
    format,
    createdAtMs: context.now().getTime(),
    ...(connection === undefined ? {} : { connection }),
    ...(limit === undefined ? {} : { limit }),
    ...(fields === undefined ? {} : { fields }),
  };
  context.store.jobs.set(job.id, job);
  return { status: 200, body: { ...describe(job), status: 'pending' } };
};

function readLimit({ limit }: Body): number | undefined {
  if (limit === undefined) return undefined;
  if (!Number.isInteger(limit)) throw invalidBody('Expected type integer', 'limit');
  if (Number(limit) < 1) throw invalidBody(`Value ${limit} is less than minimum 1`, 'limit');
  return Number(limit);
}

function readFields({ fields }: Body, format: StoredJob['format']): StoredJob['fields'] {
  if (fields === undefined) return undefined;
  if (!Array.isArray(fields)) throw invalidBody('Expected type array', 'fields');
  if (format === 'csv' && fields.length > MAX_CSV_FIELDS) {
    throw invalidBody(`Array is too long (${fields.length}), maximum ${MAX_CSV_FIELDS}`, 'fields');
  }
  return fields.map((entry) => {
    const field = assertBody(entry, ['name', 'export_as']);
    const name = requireString(field, 'name');
    const title = optionalString(field, 'export_as');
    if (Math.max(name.length, title?.length ?? 0) > MAX_NAME_LENGTH) {
      throw invalidBody(`String is too long, maximum ${MAX_NAME_LENGTH}`, 'fields');
    }
    if (format === 'csv' && METADATA.includes(name)) {
      throw invalidBody(`${name} cannot be exported to CSV as a whole`, 'fields');
    }
    return title === undefined ? { name } : { name, export_as: title };
  });
}

const get: Handler = ({ params, query }, context) => {
  assertQuery(query, []);
  const job = context.store.jobs.get(params[0] ?? '');
  const ageMs = context.now().getTime() - (job?.createdAtMs ?? 0);
  if (job === undefined || ageMs >= JOB_LIFE_MS) throw notFound('job');
  return { status: 200, body: { ...describe(job), ...progressOf(job, ageMs, context) } };
};

/** The first quarter of its time it waits. Each look at a finished job gives a new address. */
function progressOf(job: StoredJob, ageMs: number, context: ApiContext): object {
  const { store, jobMs, origin, now } = context;
  if (ageMs < jobMs / 4) return { status: 'pending' };
  if (ageMs < jobMs) {
    return {
      status: 'processing',
      percentage_done: Math.floor((100 * ageMs) / jobMs),
      time_left_seconds: Math.ceil((jobMs - ageMs) / 1_000),
    };
  }
  job.content ??= renderExport([...store.users.values()], job);
  const location = createDownload(store, origin, job.content, job.format, now().getTime());
  return { status: 'completed', percentage_done: 100, time_left_seconds: 0, location };
}

function describe({ id, connection, format, limit, fields, createdAtMs }: StoredJob): object {
  return {
    type: 'users_export',
    ...(connection === undefined
      ? {}
      : { connection_id: connection.id, connection: connection.name }),
    format,
    ...(limit === undefined ? {} : { limit }),
    ...(fields === undefined ? {} : { fields }),
    created_at: new Date(createdAtMs).toISOString(),
    id,
  };
}

export const JOB_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/jobs/users-exports', scopes: ['read:users'], handler: createExport },
  { method: 'GET', path: '/jobs/*', scopes: ['create:users', 'read:users'], handler: get },
];
