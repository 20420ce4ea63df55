# Compares content with content: a dry run that reads both trees whole and names every file it would have to copy.
. gpu-setup/common.sh
. gpu-setup/trees.sh

rsync -rlcn --itemize-changes --out-format='%i %n%L' --rsh="$REMOTE_SHELL" \
  -- "$SOURCE/" "there:$FOLDER/" >"$TMP/differences" && code=0 || code=$?
if [ "$code" != 0 ]; then
  [ ! -e "$SSH_LOG.lost" ] || fail_connection "The link to $HOST broke while the copy was compared. Retry from verify."
  fail "The copy could not be compared (rsync ended with $code); the output says why."
fi

count=$(wc -l <"$TMP/differences" | tr -d ' ')
if [ "$count" != 0 ]; then
  cat "$TMP/differences"
  names=$(head -n 5 "$TMP/differences" | cut -d ' ' -f 2- | paste -s -d ',' - | sed 's/,/, /g')
  [ "$count" -le 5 ] || names="$names and $((count - 5)) more"
  fail "Not the same on $HOST: $names. Retry from sync_instance copies again."
fi
echo "$(find "$SOURCE" -type f | wc -l | tr -d ' ') files are the same on $HOST."
