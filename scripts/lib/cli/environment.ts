/** The configuration of the scripts: environment variables, and `.env` for what they do not set. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvFile } from 'node:process';
import { ROOT } from '../root.ts';
import { UserError } from './report-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where to deploy, and as whom: named as auth0-deploy-cli names them. */
export interface Deployer {
  /** The tenant's own domain: `host` or `host:port`. */
  readonly domain: string;
  readonly clientId: string | undefined;
  readonly credential:
    | { readonly kind: 'secret'; readonly secret: string }
    | {
        readonly kind: 'signing_key';
        readonly path: string;
        readonly algorithm?: 'RS256' | 'RS384' | 'PS256';
      }
    | { readonly kind: 'access_token'; readonly token: string };
}

/** Reads `.env` beside package.json, where there is one; what is set already goes before it. */
export function loadEnvironment(): Environment {
  const path = join(ROOT, '.env');
  if (existsSync(path)) loadEnvFile(path);
  return process.env;
}

/** @throws {UserError} naming everything that is missing or wrong. */
export function readDeployer(env: Environment): Deployer {
  const domain = env.AUTH0_DOMAIN ?? '';
  const clientId = env.AUTH0_CLIENT_ID || undefined;
  const credential = readCredential(env);
  const faults: string[] = [];
  if (domain === '') faults.push('AUTH0_DOMAIN is not set: the tenant, like my-team.eu.auth0.com');
  else if (!/^[a-z0-9.-]+(:\d+)?$/i.test(domain)) {
    faults.push('AUTH0_DOMAIN must be a bare host name, without https:// and without a path');
  }
  if (credential === undefined) {
    faults.push(
      'no credential: set AUTH0_CLIENT_SECRET, AUTH0_CLIENT_SIGNING_KEY_PATH or AUTH0_ACCESS_TOKEN',
    );
  } else if (credential.kind !== 'access_token' && clientId === undefined) {
    faults.push('AUTH0_CLIENT_ID is not set: the application that deploys');
  }
  if (faults.length > 0 || credential === undefined) throw createEnvironmentError(faults);
  return { domain, clientId, credential };
}

/** @throws {UserError} naming each of `names` that is not set. */
export function assertSet(env: Environment, names: readonly string[]): void {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) throw createEnvironmentError(missing.map((name) => `${name} is not set`));
}

/** A list of names, separated by commas. */
export function readList(env: Environment, name: string): readonly string[] {
  return (env[name] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readCredential(env: Environment): Deployer['credential'] | undefined {
  const token = env.AUTH0_ACCESS_TOKEN;
  if (token) return { kind: 'access_token', token };
  const secret = env.AUTH0_CLIENT_SECRET;
  if (secret) return { kind: 'secret', secret };
  const path = env.AUTH0_CLIENT_SIGNING_KEY_PATH;
  return path ? { kind: 'signing_key', path } : undefined;
}

function createEnvironmentError(faults: readonly string[]): UserError {
  return new UserError(
    [
      'The configuration is not complete; nothing was changed.',
      ...faults.map((fault) => `  - ${fault}`),
      'Set it in the environment or in .env; .env.example explains each.',
    ].join('\n'),
  );
}
