# What all steps share: names for the machine, where its key is kept, and sentences for what goes wrong. To be sourced.
# shellcheck shell=sh disable=SC2034
set -eu
umask 077
export LC_ALL=C

# fail SENTENCE: becomes the step's error. 2, because 1 would mean "do not ask" for a question.
fail() {
  printf '::error::%s\n' "$1" >&2
  exit 2
}

: "${INPUT_SSH_CONNECTION_HOST:?is set by Instep: npx instep start gpu-setup}"
: "${INSTEP_STATE_DIR:?is set by Instep: npx instep start gpu-setup}"

for tool in ssh ssh-keygen ssh-keyscan rsync; do
  command -v "$tool" >/dev/null ||
    fail "$tool is missing on the server: install it there (Debian: apt-get install openssh-client rsync)."
done

# ssh itself looks names up in lower case.
HOST=$(printf '%s' "$INPUT_SSH_CONNECTION_HOST" | tr '[:upper:]' '[:lower:]')
PORT=$INPUT_SSH_CONNECTION_PORT
USER_THERE=${INPUT_SSH_CONNECTION_USER:-}
IDENTITY_FILE=${INPUT_IDENTITY_FILE:-}
case $IDENTITY_FILE in
\~/*) IDENTITY_FILE=$HOME/${IDENTITY_FILE#??} ;;
esac
# As known_hosts names it.
if [ "$PORT" = 22 ]; then KEY_NAME=$HOST; else KEY_NAME="[$HOST]:$PORT"; fi
KNOWN_HOSTS=$INSTEP_STATE_DIR/known_hosts
# The key that a question shows: what is kept is what was shown, not what a second look would find.
SHOWN_KEY=$INSTEP_STATE_DIR/shown-host-key.$INSTEP_WORKFLOW_ID

# Not in /tmp: what is killed without warning leaves it, and host-key.sh finds it here.
TMP=$(mktemp -d "$INSTEP_STATE_DIR/gpu-setup.XXXXXX")
trap 'rm -rf "$TMP"' EXIT
trap 'exit 143' HUP INT TERM
SSH_LOG=$TMP/ssh.log
: >"$SSH_LOG"
export HOST PORT USER_THERE IDENTITY_FILE KNOWN_HOSTS SSH_LOG

is_known() {
  [ -f "$KNOWN_HOSTS" ] && ssh-keygen -F "$KEY_NAME" -f "$KNOWN_HOSTS" >/dev/null
}

# Ends with ssh's own code, or the command's. What an earlier call wrote does not count any more.
there() {
  : >"$SSH_LOG"
  sh gpu-setup/ssh.sh there "$@"
}

# Whether what ssh wrote into its log is the link alone: no key was refused, and the machine has a name.
link_may_come_back() {
  case $(cat "$SSH_LOG") in
  *'IDENTIFICATION HAS CHANGED'* | *'Host key verification failed'*) return 1 ;;
  *'Permission denied'* | *'Too many authentication failures'*) return 1 ;;
  *'Could not resolve hostname'*) return 1 ;;
  esac
}

# fail_connection SENTENCE: says why ssh failed, from what it wrote into its log; the sentence where that is the link alone.
fail_connection() {
  cat "$SSH_LOG" >&2
  at="$HOST, port $PORT"
  who=${USER_THERE:-$(id -un)}
  if [ -z "$IDENTITY_FILE" ]; then
    key="No key of the agent and no default one in the server's ~/.ssh was accepted for $who"
  elif [ -r "$IDENTITY_FILE" ]; then
    key="The key $IDENTITY_FILE was not accepted for $who"
  else
    key="The key $IDENTITY_FILE cannot be read on the server, and no other was accepted for $who"
  fi
  case $(cat "$SSH_LOG") in
  *'IDENTIFICATION HAS CHANGED'* | *'Host key verification failed'*)
    offered=$(sed -n 's/.*\(SHA256:[A-Za-z0-9+/=]*\).*/\1/p' "$SSH_LOG" | head -n 1)
    kept=$(ssh-keygen -l -F "$KEY_NAME" -f "$KNOWN_HOSTS" | sed -n 's/.*\(SHA256:[A-Za-z0-9+/=]*\).*/\1/p' | head -n 1)
    fail "$at shows another host key (${offered:-unknown}) than the one that was kept ($kept). Somebody may stand in between. Only if you know that the machine was set up anew: remove the kept key (ssh-keygen -R '$KEY_NAME' -f '$KNOWN_HOSTS') and retry from test_ssh, which asks again." ;;
  *'Permission denied'* | *'Too many authentication failures'*)
    fail "$at: $key. Add the public key to ~/.ssh/authorized_keys there, or name another private key as identity_file; one with a passphrase has to be in the agent." ;;
  *'Could not resolve hostname'*)
    fail "No machine is known by the name $HOST: check its spelling." ;;
  *'Connection refused'*)
    fail "Nothing listens on $at: is the machine up, and is this its SSH port?" ;;
  *'connect to host'*'timed out'* | *'during banner exchange'* | *'No route to host'* | *'Network is unreachable'*)
    fail "$at does not answer: is the machine up, and does a firewall let you through?" ;;
  *)
    fail "$1" ;;
  esac
}
