/** The page of `npm run dev`: `/`, and what is below `/dev/`. */
import type { PageHandler, PagePorts } from './ports.ts';

export function createPage(_ports: PagePorts): PageHandler {
  return async () => false;
}
