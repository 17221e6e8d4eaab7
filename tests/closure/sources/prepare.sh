#!/bin/sh
# What a build leaves behind: kinds of files, owners, modes and names that a careless copy loses.
set -eu

mkdir -p /var/run/app
useradd --create-home --uid 1000 --groups www-data app
mkdir -p /opt/app/data /opt/app/releases/1 /srv/empty /var/log/app /usr/share/doc/app /usr/share/man/man1 /root/.cache
cd /opt/app
chown app:app data /var/log/app
chmod 2770 data
chmod 1777 /srv/empty
chmod 4711 bin/names
ln bin/names bin/same
truncate -s 8M holes
mkfifo pipe
touch -d 2001-02-03T04:05:06Z releases/1/old

printf '#!/bin/sh\nexec nl -ba "$1" | /usr/bin/tac # rev is a comment\n' > bin/start
chmod 755 bin/start

ln -s releases/1 current
ln -s ../../../usr/bin/perl bin/perl
ln -s /usr/bin/make /etc/alternatives/remake
ln -s /etc/alternatives/remake /usr/bin/remake
ln -s /usr/share/debconf templates
ln -s /nowhere dangling
ln -s /dev/stdout /var/log/app/out.log
ln -s . self

touch -- 'two words' "it's \"\$5\"" 'back\slash\x2d' -x 'é' '[id]' '*' 'a -> b'

touch /root/.cache/wheel /tmp/rest /var/cache/apt/rest /var/log/app.log /usr/share/doc/app/README /usr/share/man/man1/app.1
printf 'Debian\nchanged\n' > /etc/issue
echo kept > /root/kept
echo kept > /tmp/kept
touch "$(command -v ls)" "$(command -v grep)"
