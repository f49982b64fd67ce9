/** The configuration of the scripts: environment variables, and a file for what they do not set. */
import { ROOT } from '../root.ts';
import { parseTenantDomain } from './domain.ts';
import { readEnvFile } from './env-file.ts';
import { findNearMisses } from './near-misses.ts';
import { findPlaceholders } from './placeholders.ts';
import { UserError } from './report-error.ts';
import type { Environment } from './variables.ts';

export type { Environment } from './variables.ts';

/** How a private key signs (RFC 7518), as Auth0 takes it for private key JWT. */
const SIGNING_ALGORITHMS = ['RS256', 'RS384', 'PS256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** Where to deploy, and as whom: named as auth0-deploy-cli names them. */
export interface Deployer {
  /** The tenant's own domain: `host` or `host:port`, in lower case. */
  readonly domain: string;
  readonly clientId: string | undefined;
  readonly credential:
    | { readonly kind: 'secret'; readonly secret: string }
    | {
        readonly kind: 'signing_key';
        /** Of a PEM file, PKCS#8 or PKCS#1. */
        readonly path: string;
        readonly algorithm: SigningAlgorithm;
      }
    | { readonly kind: 'access_token'; readonly token: string };
}

/** A line of a list of applications. A name may hold a comma: the whole line is tried first. */
export interface ApplicationLine {
  readonly line: string;
  /** Between its commas; not empty. */
  readonly parts: readonly string[];
}

/**
 * Reads `.env`, or `.env.NAME` where `--env NAME` was said; what is set in the environment, even to
 * nothing, goes before it. Network settings in it (`HTTPS_PROXY`, …) hold for this process too.
 * @throws {UserError} when the named file is not there.
 */
export function loadEnvironment(name?: string): Environment {
  const file = readEnvFile(ROOT, name);
  for (const [key, value] of Object.entries(file)) process.env[key] ??= value;
  return process.env;
}

/** @throws {UserError} naming everything that is missing or wrong. */
export function readDeployer(env: Environment): Deployer {
  const parsed = parseTenantDomain(env.AUTH0_DOMAIN ?? '');
  const clientId = env.AUTH0_CLIENT_ID?.trim() || undefined;
  const algorithm = readSigningAlgorithm(env);
  const credential = readCredential(env, algorithm ?? 'RS256');
  const faults = describePlaceholders(env);
  if (!parsed.ok) faults.push(parsed.fault);
  if (credential === undefined) {
    faults.push(
      'no credential: set AUTH0_CLIENT_SECRET, AUTH0_CLIENT_SIGNING_KEY_PATH or AUTH0_ACCESS_TOKEN',
    );
  } else if (credential.kind !== 'access_token' && clientId === undefined) {
    faults.push('AUTH0_CLIENT_ID is not set: the application that deploys');
  }
  if (algorithm === undefined) {
    faults.push(`AUTH0_CLIENT_SIGNING_ALGORITHM is none of ${SIGNING_ALGORITHMS.join(', ')}`);
  }
  if (!parsed.ok || credential === undefined || faults.length > 0) {
    throw createEnvironmentError(faults);
  }
  return { domain: parsed.domain, clientId, credential };
}

/**
 * Before a plan: everything that the tenant's file needs is set, nothing of ours is a placeholder,
 * and no name is nearly ours.
 * @throws {UserError} naming each fault.
 */
export function assertConfigured(env: Environment, required: readonly string[]): void {
  const faults = [
    ...describePlaceholders(env),
    ...findNearMisses(env).map(
      ({ name, meant }) => `${name} is not a name of ours: is ${meant} meant? Rename or remove it`,
    ),
    ...['BITBUCKET_KEY', 'BITBUCKET_SECRET']
      .filter((name) => env[name] !== env[name]?.trim())
      .map((name) => `${name} begins or ends with white space`),
    ...required.filter((name) => !env[name]).map((name) => `${name} is not set`),
  ];
  if (faults.length > 0) throw createEnvironmentError(faults);
}

/** The lines that are not empty, of a list separated by line breaks and, in a line, by commas. */
export function readApplicationList(env: Environment, name: string): readonly ApplicationLine[] {
  return splitTrimmed(env[name] ?? '', /[\r\n]+/)
    .map((line) => ({ line, parts: splitTrimmed(line, /,/) }))
    .filter(({ parts }) => parts.length > 0);
}

function splitTrimmed(text: string, separator: RegExp): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readCredential(
  env: Environment,
  algorithm: SigningAlgorithm,
): Deployer['credential'] | undefined {
  const token = env.AUTH0_ACCESS_TOKEN?.trim();
  if (token) return { kind: 'access_token', token };
  const secret = env.AUTH0_CLIENT_SECRET?.trim();
  if (secret) return { kind: 'secret', secret };
  const path = env.AUTH0_CLIENT_SIGNING_KEY_PATH?.trim();
  return path ? { kind: 'signing_key', path, algorithm } : undefined;
}

function readSigningAlgorithm(env: Environment): SigningAlgorithm | undefined {
  const text = env.AUTH0_CLIENT_SIGNING_ALGORITHM?.trim() || 'RS256';
  return SIGNING_ALGORITHMS.find((algorithm) => algorithm === text);
}

function describePlaceholders(env: Environment): string[] {
  return findPlaceholders(env).map((name) => `${name} is a placeholder that nobody filled in`);
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
