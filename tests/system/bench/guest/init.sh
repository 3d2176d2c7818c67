#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The first process of the machine: find the disk, and go on from it.
busybox mount -t devtmpfs dev /dev
for module in $(busybox cat /modules.order); do
  busybox insmod "/modules/$module" || echo "init: can't load $module"
done
tries=0
until [ -b /dev/vda ] || [ $tries = 100 ]; do
  busybox usleep 50000
  tries=$((tries + 1))
done
busybox mount -t ext4 /dev/vda /root || busybox poweroff -f
busybox umount /dev
exec busybox switch_root /root /lib/systemd/systemd
