/**
 * What a tenant on one port keeps from one start to the next: keys, users, sessions, tokens, how far
 * its clock is ahead. In a file of its own, written after every change, so that nothing which an
 * application was given is lost, however the process ends.
 */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { importJWK } from 'jose';
import type { TokenMemory } from '#scripts/local/bitbucket/tokens.ts';
import { createKeys, type TenantMemory } from '#scripts/local/tenant/memory.ts';
import { readKeptFile, writeKeptFileLater } from './cache-folder.ts';
import { STATE_SCHEMA, type StoredState, VERSION } from './state-schema.ts';

export interface KeptState {
  readonly tenant: TenantMemory;
  readonly bitbucket: TokenMemory;
  /** Of the deployer; secrets of applications that were given none are made of it. */
  readonly secret: string;
  readonly clock: { aheadMs: number };
  /** Resolves when everything that was there when it was called is written. */
  save(): Promise<void>;
  /** What was not there or could not be read, in a sentence. */
  readonly notice?: string;
}

/** Says something went wrong that ends nothing. */
type Tell = (sentence: string) => void;

export function pathOfState(folder: string, port: number): string {
  return join(folder, `tenant-${port}.json`);
}

/**
 * @param path `undefined` for a tenant that keeps nothing.
 * @throws {UserError} for a file that is there and cannot be read at all.
 */
export async function openState(path: string | undefined, tell: Tell): Promise<KeptState> {
  const stored = path === undefined ? undefined : await readState(path, tell);
  const keys = stored ?? (await createKeys());
  const state = {
    secret: stored?.secret ?? randomBytes(24).toString('base64url'),
    clock: { aheadMs: stored?.clockAheadMs ?? 0 },
    bitbucket: {
      accessTokens: new Map(stored?.accessTokens),
      refreshTokens: new Map(stored?.refreshTokens),
    },
  };
  const tenant = {
    signingKey: keys.signingKey,
    cookieKey: keys.cookieKey,
    users: new Map(stored?.users),
    payloads: new Map(stored?.payloads),
    claims: new Map(stored?.claims),
  };
  const write = createWriter(path, () => toStored({ ...state, tenant }), tell);
  return {
    ...state,
    tenant: {
      ...tenant,
      changed: write,
      changedSoon: path === undefined ? () => {} : later(write),
    },
    save: write,
  };
}

/** A damaged file is moved aside, and said; what is in it may be of use to somebody. */
async function readState(path: string, tell: Tell): Promise<StoredState | undefined> {
  const text = readKeptFile(path);
  if (text === undefined) return undefined;
  const stored = await parseState(text);
  if (stored !== undefined) return stored;
  const aside = `${path}.damaged`;
  renameSync(path, aside);
  tell(
    `What was kept of the last start cannot be read: it is in ${aside} now, and sessions begin anew.`,
  );
  return undefined;
}

async function parseState(text: string): Promise<StoredState | undefined> {
  try {
    const value: unknown = JSON.parse(text);
    const validate = new Ajv({ strict: false }).compile<StoredState>(STATE_SCHEMA);
    if (!validate(value)) return undefined;
    await importJWK(value.signingKey, 'RS256');
    return value;
  } catch {
    return undefined;
  }
}

function toStored({
  tenant,
  bitbucket,
  secret,
  clock,
}: Pick<KeptState, 'bitbucket' | 'secret' | 'clock'> & {
  readonly tenant: Omit<TenantMemory, 'changed' | 'changedSoon'>;
}): StoredState {
  const nowS = Date.now() / 1_000;
  // What has expired is no use to anybody, and would make every write longer.
  for (const [key, { exp }] of tenant.payloads) {
    if (exp !== undefined && exp < nowS) tenant.payloads.delete(key);
  }
  for (const tokens of [bitbucket.accessTokens, bitbucket.refreshTokens]) {
    for (const [value, { expiresAt }] of tokens) {
      if (expiresAt < Date.now() + Math.min(clock.aheadMs, 0)) tokens.delete(value);
    }
  }
  for (const grantId of tenant.claims.keys()) {
    if (!tenant.payloads.has(`Grant ${grantId}`)) tenant.claims.delete(grantId);
  }
  return {
    version: VERSION,
    secret,
    clockAheadMs: clock.aheadMs,
    signingKey: tenant.signingKey,
    cookieKey: tenant.cookieKey,
    users: [...tenant.users],
    payloads: [...tenant.payloads],
    claims: [...tenant.claims],
    accessTokens: [...bitbucket.accessTokens],
    refreshTokens: [...bitbucket.refreshTokens],
  };
}

const SOON_MS = 100;

/** Once for all that comes within a moment. */
function later(write: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void write();
    }, SOON_MS).unref();
  };
}

/** One write at a time; who asks meanwhile shares the next. */
function createWriter(
  path: string | undefined,
  snapshot: () => StoredState,
  tell: Tell,
): () => Promise<void> {
  if (path === undefined) return async () => {};
  let written: string | undefined;
  let hasFailed = false;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const write = async () => {
    next = undefined;
    const text = JSON.stringify(snapshot());
    if (text === written) return;
    try {
      await writeKeptFileLater(path, text);
      written = text;
    } catch (error) {
      // A full disk is no reason to sign nobody in.
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      if (!hasFailed)
        tell(`${path} cannot be written (${code}): sessions will not outlive this start.`);
      hasFailed = true;
    }
  };
  return () => {
    next ??= running.then(write);
    running = next;
    return next;
  };
}
