import { EXIT_MARK } from "./guest/report.js";

/**
 * The first program of the machine under test. Whatever happens in there, its last words are the marker with the exit
 * code; a kernel that dies before it says none, which is what the host judges by. It brings up the processors but the first.
 */
export const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/tmp TMPDIR=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
chmod 1777 /tmp /run/lock
for module in /modules/*.ko; do insmod "$module" || echo "insmod $module failed"; done
for cpu in /sys/devices/system/cpu/cpu*/online; do echo 1 > "$cpu"; done
mount -t tracefs tracefs /sys/kernel/tracing
mount -t configfs configfs /sys/kernel/config
stty -onlcr -echo < /dev/console
arguments=
for word in $(cat /proc/cmdline); do
  case "$word" in st67.*) arguments="$arguments \${word#st67.}" ;; esac
done
cd /tmp
node /app/bundle/guest.js $arguments
echo "${EXIT_MARK} $?"
sync
poweroff -f
`;
