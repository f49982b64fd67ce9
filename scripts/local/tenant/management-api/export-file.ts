/** The file of an export: a line of JSON for each user, or a table for a spreadsheet. */
import type { StoredJob, StoredUser } from '../store.ts';
import { withoutTokens } from './users.ts';

/**
 * Of the normalized profile. UNVERIFIED that these are the "predefined set of fields" of an export
 * that names none, and that they keep their names: metadata and identities are not among them.
 */
const DEFAULT_FIELDS = [
  'user_id',
  'email',
  'email_verified',
  'name',
  'given_name',
  'family_name',
  'nickname',
  'picture',
].map((name) => ({ name }));

export function renderExport(users: readonly StoredUser[], job: StoredJob): string {
  const { connection, limit = Number.POSITIVE_INFINITY, format } = job;
  const fields: NonNullable<StoredJob['fields']> = job.fields ?? DEFAULT_FIELDS;
  const rows = users
    .filter(
      ({ identities }) =>
        connection === undefined || identities.some((one) => one.connection === connection.name),
    )
    .slice(0, limit)
    .map((user) => ({ ...user, identities: user.identities.map(withoutTokens) }))
    .map((user) =>
      fields.map(({ name, export_as }) => [export_as ?? name, readField(user, name)] as const),
    );
  // A value that is not there is left out of JSON, and an empty cell in CSV.
  if (format === 'json') {
    return rows.map((row) => `${JSON.stringify(Object.fromEntries(row))}\n`).join('');
  }
  const header = fields.map(({ name, export_as }) => export_as ?? name);
  return [header.map(quote), ...rows.map((row) => row.map(([, value]) => writeCell(value)))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

/** `identities[0].connection`, `app_metadata.plan`, or a field of the profile. */
function readField(user: object, name: string): unknown {
  const path = name.replace(/\[(\d+)\]/g, '.$1').split('.');
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    user,
  );
}

const ISO_DATE = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Against formulas: a string begins with a single quote, but for dates of Auth0's own. */
function writeCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return quote(ISO_DATE.test(value) ? value : `'${value}`);
  return typeof value === 'object' ? quote(`'${JSON.stringify(value)}`) : String(value);
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
