# Whether to ask about the machine's host key: 0 asks, showing it; 1 does not, because one is kept already.
. gpu-setup/common.sh

# A question that nobody ever answered leaves its key behind.
find "$INSTEP_STATE_DIR" -name 'shown-host-key.*' -mtime +30 -exec rm -f {} + || true
find "$INSTEP_STATE_DIR" -maxdepth 1 -name 'gpu-setup.*' -mtime +7 -exec rm -rf {} + || true

if is_known; then
  echo "The host key of $KEY_NAME is known."
  exit 1
fi

echo "Asking $HOST, port $PORT, for its host key." >&2
ssh-keyscan -T 10 -p "$PORT" -t ed25519,ecdsa,rsa -- "$HOST" >"$TMP/scan" 2>"$TMP/scan.log" || true

# One key, and only that one is kept. Of several, somebody in between could show the right one for comparing, and use another.
for type in ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 ssh-rsa; do
  key=$(awk -v type="$type" '$2 == type && $3 ~ /^[A-Za-z0-9+\/=]+$/ { print $2, $3; exit }' "$TMP/scan")
  [ -z "$key" ] || break
done
if [ -z "$key" ]; then
  cat "$TMP/scan.log" >&2
  # ssh says better than ssh-keyscan why it cannot get there.
  there true </dev/null || true
  case $(cat "$SSH_LOG") in
  *'Host key verification failed'*) fail "$HOST, port $PORT, did not show its host key in time. Retry from test_ssh." ;;
  *) fail_connection "What answers on $HOST, port $PORT, does not speak SSH with us: is this its SSH port, and does it let you in?" ;;
  esac
fi

printf '%s %s\n' "$KEY_NAME" "$key" >"$SHOWN_KEY"
fingerprint=$(ssh-keygen -l -f "$SHOWN_KEY" | awk '{ print $2, $NF }')
case $type in ecdsa-*) file=ecdsa ;; *) file=${type#ssh-} ;; esac
cat <<END
$KEY_NAME is not known yet. It shows this host key:

$fingerprint

Compare it with what your provider shows, or with what this prints on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_${file}_key.pub
Is it the right one?
END
