# The two folders, as rsync wants them. To be sourced after common.sh.
# shellcheck shell=sh disable=SC2034
case $INPUT_SOURCE in
# So that rsync takes neither a dash for an option nor a colon for a host.
/*) SOURCE=$INPUT_SOURCE ;;
*) SOURCE=./$INPUT_SOURCE ;;
esac
[ -d "$SOURCE" ] || fail "There is no folder $INPUT_SOURCE on the server (a relative one starts at the folder of gpu-setup.yaml)."

FOLDER=$INPUT_FOLDER
# A shell on the machine reads it.
case $FOLDER in
'' | -* | *[!A-Za-z0-9_./-]*) fail "The folder on the machine has to be a plain path." ;;
esac

REMOTE_SHELL='sh gpu-setup/ssh.sh'
# What a broken copy leaves lies in here until it is whole: no file has its name with half its content.
PARTIAL=.instep-partial
