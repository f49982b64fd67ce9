/** What a schema cannot say of applications and APIs in a world file. Values in, mistakes out. */
import type { Mistake } from '#scripts/lib/deploy/tenant-mistakes.ts';
import { findCallbackMistake } from '#scripts/local/tenant/callback-mistake.ts';
import { TAKEN } from '../taken-names.ts';
import type { ApplicationEntry, WorldFile } from './world-file.ts';

/** In the order of the file. */
export function findWrongApplications(file: WorldFile): readonly Mistake[] {
  const { applications = [], apis = [] } = file;
  return [
    ...applications.flatMap((entry, index) => findWrong(entry, ['applications', index])),
    ...apis.flatMap(({ identifier }, index) =>
      // Of this tenant, on whichever port.
      /^https:\/\/localhost(?::\d+)?\/(?:api\/v2\/|userinfo)$/.test(identifier)
        ? [takenBy(['apis', index, 'identifier'], identifier)]
        : [],
    ),
  ];
}

function findWrong(entry: ApplicationEntry, at: Mistake['path']): readonly Mistake[] {
  const { client_id, name = client_id, kind, secret, callbacks = [], web_origins = [] } = entry;
  const isPublic = kind === 'spa' || kind === 'native';
  if (isIn(TAKEN.clientIds, client_id)) return [takenBy([...at, 'client_id'], client_id)];
  if (isIn(TAKEN.names, name)) return [takenBy([...at, 'name'], name)];
  if (isPublic && secret !== undefined) {
    return [{ path: [...at, 'secret'], message: `is none that a ${kind} application could keep` }];
  }
  if (kind !== 'machine' && callbacks.length === 0) {
    return [{ path: at, message: 'lacks callbacks: nobody could be sent back to it' }];
  }
  return [
    ...callbacks.flatMap((callback, index) => {
      const message = findCallbackMistake(callback, kind === 'native');
      return message === undefined ? [] : [{ path: [...at, 'callbacks', index], message }];
    }),
    ...web_origins.flatMap((text, index) => {
      const origin = URL.parse(text)?.origin;
      // The dashboard takes them with a slash at the end too.
      if (origin === text.replace(/\/$/, '')) return [];
      const message =
        origin === undefined || origin === 'null' ? 'is no origin' : `is no origin: ${origin} is`;
      return [{ path: [...at, 'web_origins', index], message }];
    }),
  ];
}

function isIn(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function takenBy(path: Mistake['path'], name: string): Mistake {
  return { path, message: `is taken: ${name} is the tenant's own` };
}
