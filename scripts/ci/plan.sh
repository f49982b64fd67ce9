# Run by CI: shows the plan, in the summary of the job too, and hands on its fingerprint, which is
# all that the deploy takes. Ends with 0 for changes as well: only 1 is an error.
set -eu
. scripts/ci/signing-key.sh

plan=$(mktemp)
status=0
npm run --silent plan > "$plan" || status=$?
cat "$plan"
case $status in 0 | 2) ;; *) exit "$status" ;; esac

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  { echo '````'; cat "$plan"; echo '````'; } >> "$GITHUB_STEP_SUMMARY"
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  sed -n 's/^Fingerprint: /fingerprint=/p' "$plan" >> "$GITHUB_OUTPUT"
fi
