/**
 * `npm run deploy`: builds, reads the tenant, deploys tenant.yaml with auth0-deploy-cli in one
 * import, and reads back what arrived. Exit code 0, or 1 and a clear error.
 */

import { deployToTenant } from './lib/deploy-to-tenant.ts';
import { loadEnvironment } from './lib/environment.ts';
import { reportAndExit } from './lib/report-error.ts';

await deployToTenant(loadEnvironment()).catch(reportAndExit);
