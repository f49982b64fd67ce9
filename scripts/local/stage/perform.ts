/** Plays the scenes of a cast in a sandbox, one after the other. */
import type { BitbucketUser } from '../bitbucket/world.ts';
import { type Browser, createBrowser } from './browser.ts';
import type { Scene } from './cast.ts';
import type { Sandbox } from './sandbox.ts';
import type { Application, SignInResult } from './sign-in.ts';

export interface Performance {
  readonly scene: Scene;
  readonly result: SignInResult;
  /** The code of the refusal; `undefined` when the person got in. */
  readonly code: string | undefined;
  /** The claim `roles` of who got in. */
  readonly roles: readonly string[];
  readonly isAsExpected: boolean;
  /** Requests that the Actions sent: to the Management API and to Bitbucket. */
  readonly calls: number;
}

/** Sessions and refresh tokens stay from one scene to the next. */
export function createStage(sandbox: Sandbox, application: Application) {
  const browsers = new Map<BitbucketUser, Browser>();
  const refreshTokens = new Map<BitbucketUser, string>();

  const act = async ({ person, does }: Scene): Promise<SignInResult> => {
    if (does === 'refresh') return application.refresh(refreshTokens.get(person) ?? '');
    const known = does === 'return' ? browsers.get(person) : undefined;
    const browser = known ?? createBrowser({ userUuid: person.uuid });
    browsers.set(person, browser);
    return application.signIn(browser);
  };

  return async (scene: Scene): Promise<Performance> => {
    const { faults } = sandbox.bitbucket;
    const loginsBefore = sandbox.tenant.logins.length;
    if (scene.isBitbucketDown) faults.set('*', { drop: 'at_once' });
    const result = await act(scene).finally(() => faults.clear());
    if (result.kind === 'allowed' && result.refreshToken !== undefined) {
      refreshTokens.set(scene.person, result.refreshToken);
    }
    const code = result.kind === 'refused' ? result.description.split(':')[0] : undefined;
    const steps = sandbox.tenant.logins.slice(loginsBefore).flatMap((login) => login.result.steps);
    const calls = steps.reduce((sum, { log }) => sum + readCalls(log), 0);
    const roles = readRoles(result, sandbox.environment.CLAIM_NAMESPACE ?? '');
    const hasExpectedRoles = roles.join() === (scene.expectedRoles ?? []).join();
    const isAsExpected = code === scene.expected && hasExpectedRoles;
    return { scene, result, code, roles, isAsExpected, calls };
  };
}

function readRoles(result: SignInResult, namespace: string): readonly string[] {
  const roles = result.kind === 'allowed' ? result.idToken[`${namespace}/roles`] : undefined;
  return Array.isArray(roles) ? roles.map(String) : [];
}

/** From the line that an Action logs. */
function readCalls(log: string): number {
  try {
    return Number(JSON.parse(log).calls);
  } catch {
    return 0;
  }
}
