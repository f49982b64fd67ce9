# Sourced by CI: where the deployer signs in with a private key (private key JWT) instead of a
# secret, its key comes as AUTH0_SIGNING_KEY_BASE64 and goes to a file that only this user can read.
if [ -n "${AUTH0_SIGNING_KEY_BASE64:-}" ]; then
  AUTH0_CLIENT_SIGNING_KEY_PATH=$(umask 077 && mktemp)
  printf '%s' "$AUTH0_SIGNING_KEY_BASE64" | base64 -d > "$AUTH0_CLIENT_SIGNING_KEY_PATH"
  export AUTH0_CLIENT_SIGNING_KEY_PATH
  unset AUTH0_SIGNING_KEY_BASE64 AUTH0_CLIENT_SECRET
  trap 'rm -f "$AUTH0_CLIENT_SIGNING_KEY_PATH"' EXIT
fi
