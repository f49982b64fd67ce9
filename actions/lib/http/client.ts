/** axios as the Actions use it. Loading it loads Node's HTTPS: only a login that asks needs it. */
import axios from 'axios';
import { httpsAdapter } from './https-adapter.ts';

/** The text as it came, whatever its type. */
export const client = axios.create({
  adapter: httpsAdapter,
  responseType: 'text',
  transformRequest: [],
  transformResponse: [],
});
