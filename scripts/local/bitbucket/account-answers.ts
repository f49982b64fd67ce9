/** Who the caller is: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/ */
import { json, type LocalReply } from '../net/reply.ts';
import { type ApiContext, personOf } from './endpoint.ts';
import { apiError } from './errors.ts';
import { paginate } from './paging.ts';
import { type BitbucketUser, createUuid, findUser } from './world.ts';

export function getUser(context: ApiContext): LocalReply {
  const { token } = context;
  if (token.owner.kind === 'app_user') {
    return json(200, {
      type: 'app_user',
      uuid: createUuid(`app_user ${token.consumerKey}`),
      display_name: 'Consumer',
      account_status: 'active',
    });
  }
  const user = personOf(context);
  if (user === undefined) return apiError(401, 'Token is invalid');
  // UNVERIFIED: that the token of an account that is not active is still answered.
  return json(200, describeAccount(user));
}

/** What anybody may know of an account: of `{selected_user}`, a uuid or an account_id. */
export function getSelectedUser({ world, params }: ApiContext): LocalReply {
  const user = findUser(world, params.selected_user ?? '');
  return user === undefined
    ? apiError(404, 'No user with that identifier.')
    : json(200, describeAccount(user));
}

function describeAccount(user: BitbucketUser): object {
  const { uuid, account_id, nickname, display_name, account_status } = user;
  return {
    type: 'user',
    ...{ uuid, account_id, nickname, display_name, account_status },
    has_2fa_enabled: null,
    created_on: '2018-10-11T17:42:02.961424+00:00',
    links: {},
  };
}

export function getEmails(context: ApiContext): LocalReply {
  const user = personOf(context);
  if (user === undefined) return apiError(403, 'This API is not accessible by this user');
  const emails = user.emails.map((email) => ({ type: 'email', ...email, links: {} }));
  return paginate(context.request.url, emails, 10);
}
