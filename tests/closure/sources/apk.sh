#!/bin/sh
# As much of apk as the closure asks for, over the real database format: it marks packages, lists files, and deletes
# packages with those that nothing else needs.
set -eu
database=/lib/apk/db/installed
world=/etc/apk/world

field() { awk -v RS= -v FS='\n' -v name="P:$1" -v key="$2" '
  { for (i = 1; i <= NF; i++) if ($i == name) for (j = 1; j <= NF; j++) if (index($j, key ":") == 1) print substr($j, 3) }' "$database"; }
files() { awk -v RS= -v FS='\n' -v name="P:$1" '{ wanted = 0; for (i = 1; i <= NF; i++) if ($i == name) wanted = 1
  if (wanted) for (i = 1; i <= NF; i++) if ($i ~ /^F:/) d = substr($i, 3); else if ($i ~ /^R:/) print d "/" substr($i, 3) }' "$database"; }
delete() {
  needed=$(field "$1" D)
  files "$1" | while IFS= read -r file; do rm -f "/$file"; done
  awk -v RS= -v FS='\n' -v name="P:$1" '{ keep = 1; for (i = 1; i <= NF; i++) if ($i == name) keep = 0
    if (keep) print $0 "\n" }' "$database" > /tmp/database
  cp /tmp/database "$database"
  for package in $needed; do grep -qx "$package" "$world" || delete "$package"; done
}

case $1 in
  add) shift 4; printf '%s\n' "$@" >> "$world" ;;
  del) shift 3; for package; do delete "$package"; done ;;
  info)
    option=$2; shift 2
    for package; do
      [ "$option" = -qL ] && files "$package"
      [ "$option" = -e ] && field "$package" P
    done ;;
esac
