/** What `npm run dev` itself has in its tenant: no world can have it too. Data only. */

/** Of LOGIN_APPLICATION, for `npm run login`. */
export const LOGIN_APPLICATION = 'Bitbucket login test';

/** The page, the deployer, and what tenant.yaml declares. */
export const TAKEN = {
  clientIds: ['local-page', 'local-deployer'],
  names: ['Local page', 'Deployer', 'Bitbucket login checks', LOGIN_APPLICATION],
} as const;
