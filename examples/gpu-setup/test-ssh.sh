# Keeps the host key that was shown and accepted, then tests that everything the next steps need is there.
. gpu-setup/common.sh

if [ -f "$SHOWN_KEY" ]; then
  [ "${ANSWER_TRUST:-}" = true ] || fail "The host key of $HOST was not accepted."
  # Another workflow may have been answered meanwhile: the key that is kept decides.
  is_known || cat "$SHOWN_KEY" >>"$KNOWN_HOSTS"
  rm -f "$SHOWN_KEY"
fi
is_known || fail "The host key that was shown for $HOST is gone. Retry from test_ssh, which asks again."

there 'uname -snrm; command -v rsync >/dev/null || exit 3' </dev/null && code=0 || code=$?
case $code in
0) echo "$HOST lets us in and has rsync." ;;
3) fail "$HOST has no rsync: install it there (Debian: apt-get install rsync), then retry from test_ssh." ;;
255) fail_connection "The link to $HOST broke during the test: does it let you in by SSH? Retry from test_ssh." ;;
*) fail "$HOST lets us in, but runs no commands (exit code $code); its words are in the output." ;;
esac
there 'command -v nvidia-smi >/dev/null && nvidia-smi -L || echo "No GPU is to be seen there."' </dev/null || true
