/** What the two processes of an import say to each other. Types only. */
import type { TenantAssets } from '../../tenant/assets.ts';

/** To the child, once. */
export interface ImportRequest {
  readonly assets: Partial<TenantAssets>;
  readonly basePath: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** From the child. */
export type ImportReport =
  | { readonly kind: 'wrote'; readonly text: string }
  | { readonly kind: 'tell'; readonly text: string };
