/** Preloaded into a script's process: its network ends at the local servers. */
import { readFileSync } from 'node:fs';
import { redirectNetwork } from '#scripts/local/tenant/action-runtime/network.ts';

const { TEST_NETWORK = '[]', NODE_EXTRA_CA_CERTS = '' } = process.env;
redirectNetwork(new Map(JSON.parse(TEST_NETWORK)), readFileSync(NODE_EXTRA_CA_CERTS, 'utf8'));
