/**
 * `npm run undeploy`: switches the connection off for every application, then unbinds and removes
 * what tenant.yaml put into the tenant. The connection and its users stay. Exit code 0, also where
 * there is nothing to remove, or 1 and a clear error.
 */
import { readFlags } from './lib/cli/command-line.ts';
