# Copies the folder. What arrived stays, so a retry goes on where this one ended.
. gpu-setup/common.sh
. gpu-setup/trees.sh

GOES_ON='What arrived is kept. Retry from sync_instance goes on there.'

there "mkdir -p $FOLDER" </dev/null && code=0 || code=$?
case $code in
0) ;;
255) fail_connection "The link to $HOST broke before the copy. $GOES_ON" ;;
*) fail "The folder $FOLDER could not be made on $HOST; the output says why." ;;
esac

rsync -rlpt --partial-dir="$PARTIAL" --no-inc-recursive --info=progress2,stats1 --outbuf=N \
  --bwlimit="$INPUT_LIMIT" --rsh="$REMOTE_SHELL" \
  -- "$SOURCE/" "there:$FOLDER/" && code=0 || code=$?

case $code in
0) echo "$INPUT_SOURCE is on $HOST, in $FOLDER." ;;
11 | 23) fail "Some files could not be read or written: is a disk full, or a right missing? The output names them. $GOES_ON" ;;
24) fail "Files went away here while they were copied. $GOES_ON" ;;
*)
  [ -e "$SSH_LOG.lost" ] || fail "rsync ended in the middle of the copy (code $code); the output says why. $GOES_ON"
  fail_connection "The link to $HOST broke during the copy. $GOES_ON"
  ;;
esac
