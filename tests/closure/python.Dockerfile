# Gathers under /closure what the build added to python:3.12-slim, and what that needs to run
FROM build AS closure
RUN --mount=type=bind,from=python:3.12-slim,target=/mnt/base <<'EOF'
#!/bin/sh
set -eu
export LC_ALL=C
rm -rf /root/.cache
mkdir /closure /mnt/lists && cd /mnt/lists
each() { tr '\n' '\0' | xargs -0r "$@"; }
# How the paths of /bin and /lib are spelt here
[ -L /lib ] && usr='s,^\([^ /]* \)*/\(s*bin\|lib[^/]*\)/,\1/usr/\2/,' || usr=

# What the build added or changed, of the lists "path|type mode owner size time"
list() { find "$1" -xdev -type d -printf '/%P|d %m %U %G\n' -o -printf '/%P|f %m %U %G %s %Ts\n' | sort; }
list /mnt/base/ > before
list / > after
left='^/(closure|dev|mnt/(base|lists)|proc|sys|tmp|var/tmp|usr/share/(bug|doc|info|lintian|man|zoneinfo))(/|$)
^/etc/((passwd|group|g?shadow)-|g?shadow|sub[gu]id-?|\.pwd\.lock|ld\.so\.cache|host(s|name)|resolv\.conf)$|^/var/(lock|run)$
^/((etc|var/(cache|lib|log))/(apt|debconf|dpkg|ldconfig|pam|systemd|ucf)|var/log/(alternatives|bootstrap|dpkg)\.log)(/|$)
^/var/log/(fontconfig\.log|(fail|last)log|[bw]tmp)$'
comm -13 before after | sed 's/|[^|]*$//' | grep -vE "$left" | sort > added
sed 's/|[^|]*$//' after | sort > all
sed -n 's/|f [^|]*$//p' after | sort > plain

# The packages' files, as "package path"
(cd /var/lib/dpkg/info && grep . *.list) | sed "s/\(:[^:]*\)*\.list:/ /; $usr" > owned
owners() { awk 'NR == FNR { f[$0]; next } { p = $1; sub(/^[^ ]* /, "") } $0 in f { print p }' - owned | sort -u; }
contents() { awk 'NR == FNR { p[$0]; next } $1 in p { sub(/^[^ ]* /, ""); print }' - owned; }
# Programs and libraries of the base that were only upgraded
sed 's/|[^|]*$//' before | sort | comm -12 - added | grep -E '^/(usr/)?(s?bin|lib)' > spare || :
sort -u spare | comm -23 added - > kept && mv kept added

# What is named besides
cp added new
find /usr/local -xdev >> new
for p in python; do
  command -v "$p" || { echo "closure: no program $p in this image" >&2; exit 1; }
done >> new
# glibc opens these by name: to cancel a thread, to look up hosts and users
/sbin/ldconfig -p |
  sed -n 's,.*=> \(/.*/lib\(gcc_s\|nss_files\|nss_dns\|resolv\)\.so\..*\),\1,p' >> new
# Folders that every image of the family has, and what no program names
find / /run /usr/local /var -xdev -maxdepth 1 -type d | grep -vE "^/$|$left" >> new
find /etc/ssl /etc/ld.so.conf* /usr/lib/locale /usr/lib/ssl >> new 2>/dev/null || :

# What links point to, the libraries, and the rest of the base's packages that are in use: plug-ins, settings, data
: > carried
while sed "$usr" new | sort -u | comm -12 - all | comm -23 - carried > next && [ -s next ]; do
  sort -u -o carried carried next
  comm -12 next plain > files
  {
    each readlink -f < next | sort -u | comm -23 - carried | each sh -c 'find "$@" -xdev' sh
    each ls -ldn < next | sed -n -e 's,^l[^/]*\(/.*\) -> \(/.*\),\2,; t up' \
      -e 's,^l[^/]*\(/.*\)/[^/]* -> ,\1/,; t up' -e d -e ':up' -e 's,/[^/]*/\.\./,/,; t up' -e p
    each grep -ls -D skip '^.ELF' < files | each ldd | sed -n 's,.*[[:blank:]]\(/.*\) (0x.*,\1,p'
    comm -23 files added | owners | contents | grep -vE '^(/usr)?/s?bin/|^/[^/]*$'
  } 2>/dev/null | grep -vE "$left" > new || :
done
comm -12 carried plain | owners > packages
ls -d /etc/passwd /etc/group /etc/os-release /usr/lib/os-release /etc/debian_version >> carried 2>/dev/null || :

# Copied as they are: owner, mode, time, hard links, holes, file capabilities
awk '{ print "." $0; while (sub("/[^/]*$", "") && $0) print "." $0 }' carried | sort -u > names
tar -C / -cS --xattrs --xattrs-include='*' --no-unquote --no-recursion -T names |
  tar -C /closure -xp --xattrs --xattrs-include='*'
cd /closure
# For scanners: the packages all this is from
mkdir -p var/lib/dpkg/status.d
for p in $(cat /mnt/lists/packages); do dpkg-query -s "$p" > "var/lib/dpkg/status.d/$p"; done
sed 's,.*,/usr/share/doc/&/copyright,' /mnt/lists/packages | xargs -r cp -L --parents -t . 2>/dev/null || :
/sbin/ldconfig -X -r . && rm -rf var/cache/ldconfig
EOF
