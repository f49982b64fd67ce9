/** Bitbucket's answers, from literals: what is taken, and what is not. */
import { describe, expect, test } from 'vitest';
import {
  parseAccount,
  parseEmail,
  parseError,
  parseMembership,
  parsePermission,
  parseRepositoryAccess,
  parseWorkspaceAccess,
} from '#actions/lib/bitbucket/responses.ts';
import { ACME, accessToRepository, INFRA, membershipOf, PERSON } from '#test/support/action-run.ts';

describe('answers of Bitbucket', () => {
  test.each([
    [
      { type: 'user', uuid: PERSON },
      { uuid: PERSON, isActive: true },
    ],
    [
      { type: 'user', uuid: PERSON.toUpperCase() },
      { uuid: PERSON, isActive: true },
    ],
    [
      { type: 'user', uuid: PERSON, account_status: 'active' },
      { uuid: PERSON, isActive: true },
    ],
    [
      { type: 'user', uuid: PERSON, account_status: 'closed' },
      { uuid: PERSON, isActive: false },
    ],
    [{ type: 'user', uuid: PERSON, account_status: 1 }, undefined],
    [{ type: 'app_user', uuid: PERSON }, undefined],
    [{ uuid: PERSON }, undefined],
    [{ type: 'user' }, undefined],
    [undefined, undefined],
  ])('user %o: %o', (body, account) => {
    expect(parseAccount(body)).toEqual(account);
  });

  test.each([
    [
      { email: 'a@b', is_primary: true, is_confirmed: false },
      { address: 'a@b', isPrimary: true, isConfirmed: false },
    ],
    [{ email: '', is_primary: true, is_confirmed: true }, undefined],
    [{ email: 'a@b', is_confirmed: true }, undefined],
    [{ email: 'a@b', is_primary: true }, undefined],
    [{ email: 'a@b', is_primary: 'true', is_confirmed: true }, undefined],
    [{ email: 'a@b', is_primary: true, is_confirmed: 1 }, undefined],
  ])('e-mail %o: %o', (entry, email) => {
    expect(parseEmail(entry)).toEqual(email);
  });

  test.each([
    [{ workspace: ACME }, { ...ACME, isAdministrator: false }],
    [
      { workspace: ACME, administrator: true },
      { ...ACME, isAdministrator: true },
    ],
    [
      { workspace: ACME, administrator: 'true' },
      { ...ACME, isAdministrator: false },
    ],
    [{ workspace: { ...ACME, slug: 'ACME', name: 'Acme' } }, { ...ACME, isAdministrator: false }],
    [{ workspace: { uuid: ACME.uuid } }, undefined],
    [{ workspace: { slug: 'acme' } }, undefined],
    [{}, undefined],
  ])('workspace %o: %o', (entry, membership) => {
    expect(parseWorkspaceAccess(entry)).toEqual(membership);
  });

  test.each([
    [membershipOf(ACME), { userUuid: PERSON, workspace: ACME }],
    [{ ...membershipOf(ACME), user: {} }, undefined],
    [{ ...membershipOf(ACME), workspace: {} }, undefined],
    [{ ...membershipOf(ACME), workspace: { slug: 'acme' } }, undefined],
    [{ ...membershipOf(ACME), workspace: { uuid: ACME.uuid } }, undefined],
  ])('membership %o: %o', (body, owned) => {
    expect(parseMembership(body)).toEqual(owned);
  });

  test.each([
    ['owner', 'owner'],
    ['create-project', 'create-project'],
    ['collaborator', 'collaborator'],
    ['member', 'member'],
    ['admin', 'unknown'],
    ['', undefined],
    [1, undefined],
  ])('permission %o: %o', (permission, parsed) => {
    expect(parsePermission({ permission })).toBe(parsed);
  });

  test.each([
    [accessToRepository(), { ...INFRA, userUuid: PERSON, permission: 'read' }],
    [
      accessToRepository({ ...INFRA, fullName: 'Acme/Infra' }, 'admin'),
      { ...INFRA, userUuid: PERSON, permission: 'admin' },
    ],
    [accessToRepository(INFRA, 'own'), { ...INFRA, userUuid: PERSON, permission: 'unknown' }],
    [accessToRepository(INFRA, ''), undefined],
    [{ ...accessToRepository(), user: {} }, undefined],
    [{ ...accessToRepository(), repository: { uuid: INFRA.uuid } }, undefined],
    [{ ...accessToRepository(), repository: { full_name: 'acme/infra' } }, undefined],
  ])('repository %o: %o', (entry, access) => {
    expect(parseRepositoryAccess(entry)).toEqual(access);
  });

  test.each<[unknown, { readonly lacks: readonly string[] } | undefined]>([
    [{ type: 'error', error: { message: 'No.' } }, { lacks: [] }],
    [{ type: 'error', error: { message: 'No.', detail: 'why' } }, { lacks: [] }],
    [
      { type: 'error', error: { message: 'No.', detail: { required: ['account', 'email'] } } },
      { lacks: ['account', 'email'] },
    ],
    [
      { type: 'error', error: { message: 'No.', detail: { required: 'account' } } },
      { lacks: ['a scope'] },
    ],
    [
      { type: 'error', error: { message: 'No.', detail: { required: ['erik@example.com', 1] } } },
      { lacks: ['a scope'] },
    ],
    [{ type: 'error', error: { message: '' } }, undefined],
    [{ type: 'error', error: 'No.' }, undefined],
    [{ error: { message: 'No.' } }, undefined],
    [{ type: 'error' }, undefined],
    [{}, undefined],
    [undefined, undefined],
  ])('refusal %o: %o', (body, error) => {
    expect(parseError(body)).toEqual(error);
  });
});
