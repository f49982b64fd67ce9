/** The settings that the page has fields for, in their order, and how it asks for each. */

export interface Setting {
  /** Of the secret. */
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly kind: 'rules' | 'text' | 'number' | readonly string[];
  /** What stands for it where it is not set. */
  readonly usual: string;
}

export const SETTINGS: readonly Setting[] = [
  {
    name: 'ALLOWED_WORKSPACES',
    label: 'Who gets in',
    help: 'Rules separated by commas or line breaks: acme, acme:owner, acme/infra:write, @{uuid}; * alone is anybody in any workspace.',
    kind: 'rules',
    usual: '',
  },
  {
    name: 'ROLES',
    label: 'Roles',
    help: 'As admin=acme:owner, separated likewise. A role lets nobody in.',
    kind: 'rules',
    usual: '',
  },
  {
    name: 'REQUIRE_VERIFIED_EMAIL',
    label: 'The address has to be confirmed',
    help: 'At Bitbucket.',
    kind: ['true', 'false'],
    usual: 'true',
  },
  {
    name: 'RECHECK_AFTER_MINUTES',
    label: 'Look again after minutes',
    help: 'When nobody was at Bitbucket just now: a refresh, single sign-on.',
    kind: 'number',
    usual: '60',
  },
  {
    name: 'EMAIL_RECHECK_AFTER_DAYS',
    label: 'Look at the addresses again after days',
    help: 'Likewise.',
    kind: 'number',
    usual: '30',
  },
  {
    name: 'ON_OUTAGE',
    label: 'While Bitbucket fails',
    help: 'Let nobody in, or go by what was last known.',
    kind: ['deny', 'last_known'],
    usual: 'deny',
  },
  {
    name: 'LAST_KNOWN_MAX_AGE_HOURS',
    label: 'What is last known counts for hours',
    help: 'With last_known.',
    kind: 'number',
    usual: '24',
  },
  {
    name: 'GROUP_NAMES',
    label: 'Groups name workspaces by',
    help: 'In the claim groups.',
    kind: ['slug', 'uuid'],
    usual: 'slug',
  },
  {
    name: 'CLAIM_NAMESPACE',
    label: 'Namespace of the claims',
    help: 'An http(s) URL.',
    kind: 'text',
    usual: '',
  },
];
