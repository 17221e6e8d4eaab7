#!/bin/sh
# As much of apk as the closure asks for, over the real database format: which packages are there, and which would go
# with a package, since nothing else needs them.
set -eu
database=/lib/apk/db/installed
world=/etc/apk/world

field() { awk -v RS= -v FS='\n' -v name="P:$1" -v key="$2" '
  { for (i = 1; i <= NF; i++) if ($i == name) for (j = 1; j <= NF; j++) if (index($j, key ":") == 1) print substr($j, 3) }' "$database"; }
purged() {
  echo "$1"
  for package in $(field "$1" D); do grep -qx "$package" "$world" || purged "$package"; done
}

case $1 in
  del)
    [ "$2" = -s ] || exit 1
    shift 2
    for package; do purged "$package"; done | awk '{ print "(" NR "/9) Purging " $0 " (1.0-r0)" }'
    echo 'OK: 8 MiB in 15 packages' ;;
  info)
    option=$2; shift 2
    for package; do
      [ "$option" = -e ] && field "$package" P
    done ;;
esac
