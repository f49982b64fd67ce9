/** The Management API of a local tenant, as its deployer calls it: every answer is an answer. */
import axios, { type AxiosInstance } from 'axios';
import type { LocalTenant } from '#scripts/local/tenant/tenant.ts';

/** @param scope what the token is good for; everything that the deployer may do without it. */
export async function connectAsDeployer(
  { origin, store }: LocalTenant,
  scope?: string,
): Promise<AxiosInstance> {
  const open = { validateStatus: () => true };
  const deployer = store.clients.get('local-deployer');
  const { data } = await axios.post(
    `${origin}/oauth/token`,
    {
      grant_type: 'client_credentials',
      client_id: deployer?.client_id,
      client_secret: deployer?.client_secret,
      audience: `${origin}/api/v2/`,
      ...(scope === undefined ? {} : { scope }),
    },
    open,
  );
  const headers = { Authorization: `Bearer ${data.access_token}` };
  return axios.create({ ...open, baseURL: `${origin}/api/v2/`, headers });
}
