# The one call of ssh: `sh gpu-setup/ssh.sh there COMMAND…`. rsync calls it as well, as its remote shell, so the word for the
# host is a stand-in: where to go comes from variables (common.sh), which no space or quote can break.
set -eu
shift

set -- -- "$HOST" "$@"
[ -z "$USER_THERE" ] || set -- -l "$USER_THERE" "$@"
[ -z "$IDENTITY_FILE" ] || set -- -i "$IDENTITY_FILE" -o IdentitiesOnly=yes "$@"

ssh -F none -T -E "$SSH_LOG" -p "$PORT" \
  -o BatchMode=yes \
  -o StrictHostKeyChecking=yes \
  -o UserKnownHostsFile="\"$KNOWN_HOSTS\"" \
  -o GlobalKnownHostsFile=/dev/null \
  -o UpdateHostKeys=no \
  -o CheckHostIP=no \
  -o ForwardAgent=no \
  -o ClearAllForwardings=yes \
  -o ProxyCommand=none \
  -o PermitLocalCommand=no \
  -o ConnectTimeout=10 \
  -o ServerAliveInterval=15 \
  -o ServerAliveCountMax=3 \
  "$@" && code=0 || code=$?

# ssh's own failure, and not the command's: rsync would not tell.
[ "$code" != 255 ] || : >"$SSH_LOG.lost"
exit "$code"
