/** What a schema cannot see of tenant.yaml: names that are there twice, or nowhere. Values only. */
import type { TenantAssets } from '../tenant/assets.ts';
import type { Path } from './yaml-place.ts';

export interface Mistake {
  readonly path: Path;
  /** Stands after the path. */
  readonly message: string;
}

/** Auth0 makes it of the strategy and the booleans beside it. */
const MADE_BY_AUTH0 = 'scope';

export function findMistakes(assets: TenantAssets): readonly Mistake[] {
  const { connections, clients, clientGrants, actions, triggers } = assets;
  const clientNames = clients.map(({ name }) => name);
  return [
    ...findTwins(connections.map(({ name }) => name), ['connections'], 'name'),
    ...findTwins(clientNames, ['clients'], 'name'),
    ...findTwins(actions.map(({ name }) => name), ['actions'], 'name'),
    ...findTwins(
      clientGrants.map(({ client_id: id, audience }) => `${id}\n${audience}`),
      ['clientGrants'],
      'client_id',
    ),
    ...findTwins(
      triggers['post-login'].map(({ action_name: name }) => name),
      ['triggers', 'post-login'],
      'action_name',
    ),
    ...actions.flatMap(({ secrets }, index) =>
      findTwins(secrets.map(({ name }) => name), ['actions', index, 'secrets'], 'name'),
    ),
    ...clientGrants.flatMap(({ client_id: name }, index) =>
      clientNames.includes(name)
        ? []
        : [
            {
              path: ['clientGrants', index, 'client_id'],
              message: `is no application of this file: name one of ${clientNames.join(', ')}`,
            },
          ],
    ),
    ...connections.flatMap(({ strategy, options }, index) =>
      strategy === 'bitbucket' && MADE_BY_AUTH0 in options
        ? [
            {
              path: ['connections', index, 'options', MADE_BY_AUTH0],
              message: 'is made by Auth0 and cannot be kept: take it out',
            },
          ]
        : [],
    ),
  ];
}

function findTwins(names: readonly string[], list: Path, field: string): readonly Mistake[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            path: [...list, index, field],
            message: `says the same as entry ${names.indexOf(name) + 1} of the list`,
          },
        ],
  );
}
