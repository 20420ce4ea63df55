# Copies the folder. What arrived stays: where the link breaks it goes on there by itself, and so does a retry.
. gpu-setup/common.sh
. gpu-setup/trees.sh

GOES_ON='What arrived is kept. Retry from sync_instance goes on there.'
# A link that held for so many seconds was a good one: the tries are counted anew.
GOOD_LINK=60
LONGEST_WAIT=30

# try_again SENTENCE: waits before the next try, twice as long each time; the sentence is the step's error where it is not tried again.
try_again() {
  [ $(($(date +%s) - begun)) -lt "$GOOD_LINK" ] || tried=0
  link_may_come_back && [ "$tried" -lt "$INPUT_TRIES" ] || fail_connection "$1"
  tried=$((tried + 1))
  seconds=$((1 << (tried < 6 ? tried - 1 : 5)))
  [ "$seconds" -le "$LONGEST_WAIT" ] || seconds=$LONGEST_WAIT
  : "${lost:=$(date +%s)}"
  cat "$SSH_LOG" >&2
  printf '::task running::Link::broke; tried again in %s s, try %s of %s\n' "$seconds" "$tried" "$INPUT_TRIES"
  sleep "$seconds"
}

tried=0 lost=
while :; do
  begun=$(date +%s)
  rm -f "$SSH_LOG.lost"
  there "mkdir -p $FOLDER" </dev/null && code=0 || code=$?
  case $code in
  0) ;;
  255)
    try_again "The link to $HOST broke before the copy. $GOES_ON"
    continue
    ;;
  *) fail "The folder $FOLDER could not be made on $HOST; the output says why." ;;
  esac
  if [ -n "$lost" ]; then
    printf '::task completed::Link::back after %s s\n' $(($(date +%s) - lost))
    lost=
  fi

  rsync -rlpt --partial-dir="$PARTIAL" --no-inc-recursive --info=progress2,stats1 --outbuf=N \
    --bwlimit="$INPUT_LIMIT" --rsh="$REMOTE_SHELL" \
    -- "$SOURCE/" "there:$FOLDER/" && code=0 || code=$?

  case $code in
  0) break ;;
  11 | 23) fail "Some files could not be read or written: is a disk full, or a right missing? The output names them. $GOES_ON" ;;
  24) fail "Files went away here while they were copied. $GOES_ON" ;;
  *)
    [ -e "$SSH_LOG.lost" ] || fail "rsync ended in the middle of the copy (code $code); the output says why. $GOES_ON"
    try_again "The link to $HOST broke during the copy. $GOES_ON"
    ;;
  esac
done
echo "$INPUT_SOURCE is on $HOST, in $FOLDER."
