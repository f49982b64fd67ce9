/** What others have to know of a local tenant that is up. Values in, values out. */
import type { Sandbox } from '../stage/sandbox.ts';
import type { SeedApplication } from '../tenant/seed.ts';
import type { RunningDev } from './running.ts';
import { LOGIN_APPLICATION } from './taken-names.ts';

/** What `--json` prints. */
export interface DevAddresses {
  /** `https://localhost:<port>/` */
  readonly issuer: string;
  readonly page: string;
  readonly bitbucket: string;
  /** The path of a PEM to trust, the same at every start. */
  readonly certificate: string;
  readonly deployer: { readonly client_id: string; readonly client_secret: string };
  readonly applications: readonly {
    readonly client_id: string;
    readonly client_secret?: string;
    readonly name: string;
    readonly callbacks: readonly string[];
    readonly logout_urls: readonly string[];
    readonly web_origins: readonly string[];
  }[];
  readonly people: readonly {
    readonly uuid: string;
    readonly name: string;
    readonly email: string;
  }[];
}

/** @param certificate the path of a PEM to trust. */
export function describeAddresses(
  { tenant, bitbucket, environment }: Sandbox,
  applications: readonly SeedApplication[],
  certificate: string,
): DevAddresses {
  return {
    issuer: `${tenant.origin}/`,
    page: `${tenant.origin}/`,
    bitbucket: bitbucket.origin,
    certificate,
    deployer: {
      client_id: environment.AUTH0_CLIENT_ID ?? '',
      client_secret: environment.AUTH0_CLIENT_SECRET ?? '',
    },
    applications: applications.map(describeApplication),
    people: [...bitbucket.world.users.values()].map(({ uuid, display_name: name, emails }) => ({
      ...{ uuid, name },
      email: emails.find(({ is_primary }) => is_primary)?.email ?? '',
    })),
  };
}

function describeApplication({
  clientId,
  clientSecret,
  name,
  callbacks,
  logoutUrls = [],
  webOrigins = [],
}: SeedApplication): DevAddresses['applications'][number] {
  return {
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...{ name, callbacks, logout_urls: logoutUrls, web_origins: webOrigins },
  };
}

/** For other commands of this package, on this machine. */
export function describeRunning(
  { tenant, bitbucket, environment }: Sandbox,
  certificate: string,
): RunningDev {
  const { AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, CLAIM_NAMESPACE } = environment;
  return {
    pid: process.pid,
    issuer: `${tenant.origin}/`,
    page: `${tenant.origin}/`,
    certificate,
    bitbucketPort: bitbucket.port,
    environment: {
      ...{ AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, CLAIM_NAMESPACE },
      LOGIN_APPLICATION,
    },
  };
}
