#!/bin/sh
# Run this on the machine to see what there is to work with.
uname -a
df -h .
command -v nvidia-smi >/dev/null && nvidia-smi
