/**
 * The world of `npm run dev` where no file is named, and what `--init` writes: one text, read by the
 * same reader as everybody's own.
 */
export const DEFAULT_WORLD = `# A world for npm run dev: who and what there is when it starts, all of it invented.
# Use it with: npm run dev -- --world FILE

# Bitbucket's workspaces. The OAuth consumer belongs to the first one.
workspaces:
  - slug: acme
    name: Acme
    repositories:
      - slug: infra
      - slug: website
    # groups:                       # whoever is in one is a member of the workspace
    #   - slug: deployers
    #     members: [max]            # nicknames
    #     repositories: { infra: write }
  - slug: elsewhere
    name: Elsewhere

# Bitbucket's people. A uuid is made of the nickname, which is the name in lower case, unless one is
# given (uuid: "{…}", nickname: …).
people:
  - name: Olivia
    emails: [{ address: olivia@example.com, confirmed: true }]
    # owner, create-project, collaborator or member
    workspaces: { acme: owner, elsewhere: member }
  - name: Max
    emails: [{ address: max@example.com, confirmed: true }]
    workspaces: { acme: member }
  - name: Toni
    emails:
      - { address: toni@example.com, primary: true, confirmed: true }
      - { address: toni.old@example.com, confirmed: false }
    workspaces: { acme: collaborator }
  - name: Nora
    emails: [{ address: nora@example.com, confirmed: true }]
    workspaces: { elsewhere: owner }
  - name: Gus
    emails: [{ address: gus@example.com, confirmed: true }]
    # read, write or admin; no member of the workspace
    repositories: { acme/website: read }
  - name: Uma
    emails: [{ address: uma@example.com, confirmed: false }]
    workspaces: { acme: member }
  # status: inactive, or closed, is an account that cannot be used any more.

# Applications of the tenant. kind: spa, native (both without a secret, with PKCE), web or machine.
# metadata can give one a policy of its own; connection: false, and nobody signs in there.
applications:
  - client_id: local-spa
    name: Local SPA
    kind: spa
    callbacks:
      - http://localhost:3000
      - http://localhost:3000/
      - http://localhost:3000/callback
    logout_urls:
      - http://localhost:3000
      - http://localhost:3000/
    web_origins:
      - http://localhost:3000
    # metadata:
    #   bitbucket_allowed_workspaces: elsewhere
    #   bitbucket_require_verified_email: "false"
  - client_id: local-web
    name: Local web application
    kind: web
    # Good on this machine alone; without one here, one is made and kept.
    secret: local-web-secret
    callbacks:
      - http://localhost:3000/callback
      - http://localhost:3000/auth/callback
    logout_urls:
      - http://localhost:3000
      - http://localhost:3000/
    web_origins:
      - http://localhost:3000

# What applications ask tokens for, as audience. A machine may ask for all of it.
apis:
  - identifier: https://api.example.com
    name: Example API
    scopes: [read:reports, write:reports]

# The policy, by the names that .env has. What holds * or { or begins with @ needs quotes.
policy:
  ALLOWED_WORKSPACES: acme
  CLAIM_NAMESPACE: https://example.com/bitbucket
  REQUIRE_VERIFIED_EMAIL: true
  # ROLES: admin=acme:owner, deployer=acme/infra:write
  # RECHECK_AFTER_MINUTES: 60
  # ON_OUTAGE: deny
`;
