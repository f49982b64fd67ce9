/** What the page shows and changes, as `npm run dev` hands it in. Types only. */
import type { BitbucketWorld } from '#scripts/local/bitbucket/world.ts';
import type { Sandbox } from '#scripts/local/stage/sandbox.ts';

export interface PagePorts {
  readonly sandbox: Sandbox;
  /** Changed in place. */
  readonly world: BitbucketWorld;
  readonly policy: {
    /** The settings by the names of their secrets; what is not set is not in it. */
    read(): Readonly<Record<string, string>>;
    /** They act at the next login. */
    write(settings: Readonly<Record<string, string>>): Promise<void>;
  };
  /** Of the tenant, Bitbucket and the Actions. */
  readonly clock: { aheadMs(): number; moveBy(ms: number): void };
  readonly builds: { current(): BuildState };
  /** World, policy, faults, clock, users and sessions as the world file has them. */
  reset(): Promise<void>;
  /** YAML: a world file of what is there now. */
  exportWorld(): string;
}

export interface BuildState {
  /** Of each Action, the version that runs, and how it got there. */
  readonly versions: readonly {
    readonly action: string;
    readonly number: number;
    /** ISO 8601. */
    readonly at: string;
    readonly by: 'deploy' | 'rebuild' | 'policy';
  }[];
  /** Why the newest source does not run; absent when it does. */
  readonly error?: string;
}
