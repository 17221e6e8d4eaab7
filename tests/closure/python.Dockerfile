# Gathers under /closure what the build added to python:3.12-slim, and what that needs to run
FROM build AS closure
RUN --mount=type=bind,from=python:3.12-slim,target=/mnt/base <<'EOF'
#!/bin/sh
set -eu
export LC_ALL=C PATH="$PATH:/usr/sbin:/usr/bin:/sbin:/bin"
mkdir /closure /mnt/lists
cd /mnt/lists
rm -rf /root/.cache

# The paths that exist, spelt without links to folders
real() {
  while IFS= read -r p; do
    if [ -d "$p" ] && [ ! -L "$p" ]; then cd -P "$p" && printf '%s\n' "$PWD"
    elif [ -e "$p" ] || [ -L "$p" ]; then cd -P "${p%/*}/" && printf '%s\n' "${PWD%/}/${p##*/}"; fi
  done | sort -u
}
# The libraries of ELF files, as the image's own loader finds them
libraries() {
  tr '\n' '\0' | xargs -0r sh -c 'head -vc 4 "$@"; echo' sh | # the first bytes of each file, below its name
    sed -n "/^==> /h; /^$(printf '\177')ELF\$/{ x; s/^==> \(.*\) <==\$/\1/p; }" | tr '\n' '\0' > elf
  for ld in /lib*/ld-linux*.so.[1-3] /lib*/ld64.so.[12]; do
    xargs -0r sh -c 'for f; do LD_TRACE_LOADED_OBJECTS=1 "$0" "$f"; done' "$ld" < elf 2>/dev/null || :
  done |
    sed -n 's,^[^/]*\(/.*\) (0x[0-9a-f]*)$,\1,p'
}
# The lists of the packages that own a file, with or without /usr
owners() { sed 'p; s,^/usr/,/,' | grep -lxF -f - /var/lib/dpkg/info/*.list || :; }
cat /var/lib/dpkg/info/*.list | real > packaged

# What the build added: no state of the package manager, no documentation, no upgrades of what the base had
left='^/(closure|dev|mnt/(base|lists)|proc|sys|tmp|var/tmp)(/|$)
^/etc/((passwd|group|g?shadow)-|g?shadow|sub[gu]id-?|\.pwd\.lock|ld\.so\.cache|host(s|name)|resolv\.conf)$
^/(etc|var/(cache|lib|log))/(apt|debconf|dpkg|ldconfig|pam|systemd|ucf)(/|$)
^/var/log/((alternatives|bootstrap|dpkg|fontconfig)\.log|(fail|last)log|[bw]tmp)$
^/usr/share/(bug|doc|info|lintian|man|zoneinfo)(/|$)'
list() {
  cd "$1"
  find . -xdev -type d -exec stat -c '%n|%f %u %g' {} +
  find . -xdev ! -type d -exec stat -c '%n|%f %u %g %s %Y' {} +
}
(list /mnt/base) | sort > before
(list /) | sort | comm -13 before - | sed 's/^\.//; s/|[^|]*$//' | grep -vE "$left" | sort > added
sed 's/^\.//; s/|[^|]*$//' before | sort | comm -12 - packaged | grep -E '^/(usr/)?(s?bin|lib)' | comm -13 - added > new
find /usr/local -xdev >> new
# glibc opens these by name: to cancel a thread, to look up hosts and users
ldconfig -p | sed -n 's,.*=> \(/.*/lib\(gcc_s\|nss_files\|nss_dns\|resolv\)\.so\..*\),\1,p' >> new
# Folders that every image of the family has, and what no program names
find / /run /usr/local /var -xdev -maxdepth 1 -type d | grep -vE "^/$|$left" >> new
find /etc/ssl /etc/ld.so.conf* /usr/lib/locale /usr/lib/ssl >> new 2>/dev/null || :

# What links point to, the libraries, and the rest of the base's packages that are in use: plug-ins, settings, data
: > carried
real < new > next
while [ -s next ]; do
  mv next new
  awk '{ print; while (sub("/[^/]*$", "") && $0) print }' new | sort -u -o carried - carried
  tr '\n' '\0' < new | xargs -0 ls -ldn > long
  sed -n 's,^-[^/]*,,p' long | sort > plain
  {
    sed -n 's,^l[^/]*\(/.*\) -> \(/.*\),\2,p; t; s,^l[^/]*\(/.*\)/[^/]* -> \(.*\),\1/\2,p' long | grep -vE "$left" |
      real | comm -23 - carried | tr '\n' '\0' | xargs -0r sh -c 'find "$@" -xdev' sh
    libraries < plain
    comm -23 plain added | owners | xargs -r cat | grep -vE "^/[^/]*$|^(/usr)?/s?bin/|$left"
  } | real | comm -23 - carried > next
done
printf '%s\n' /etc/os-release /usr/lib/os-release /etc/debian_version | real >> carried

# Copied as they are: owner, mode, time, hard links, holes, file capabilities
sed 's,^,.,' carried | sort -u > names
tar -C / -cSf tree.tar --xattrs --xattrs-include=* --no-unquote --no-recursion -T names
tar -C /closure -xpf tree.tar --xattrs --xattrs-include=* --no-unquote
cd /closure
# The packages all this is from, for scanners
mkdir -p var/lib/dpkg/status.d
find . ! -type d | sed 's/^\.//' | owners | sed 's,.*/,,; s,\.list$,,' > /mnt/lists/packages
xargs -r dpkg-query -s < /mnt/lists/packages | awk -v RS= '{ f = "var/lib/dpkg/status.d/" $2; print > f; close(f) }'
sed 's/:.*//; s,.*,/usr/share/doc/&/copyright,' /mnt/lists/packages | xargs -r cp -L --parents -t . 2>/dev/null || :
# /var/run is no link in the final image
if [ -L /var/run ] && [ -d run ]; then mkdir -p var/run && for f in run/*; do ln -s "/$f" var/run/; done; fi
ldconfig -X -r .
rm -rf var/cache/ldconfig

# Users and groups: all that the build has, and those of distroless images
mkdir -p etc
{ cat /etc/passwd
  echo root:x:0:0:root:/root:/sbin/nologin
  echo nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
  echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
} | awk -F: '!seen[$1]++' > etc/passwd
{ cat /etc/group; printf '%s\n' root:x:0: nobody:x:65534: tty:x:5: staff:x:50: nonroot:x:65532:; } |
  awk -F: '!seen[$1]++' > etc/group
EOF
