# Boots a root with the package installed in a virtual machine, and has boot-check look at it. Sourced by package-test.
# shellcheck shell=bash disable=SC2154

# What the machine's first steps need, and what the tests do.
BOOT_MODULES=(virtio_pci virtio_blk ext4 crc32c_generic)
LATER_MODULES=(rfkill bluetooth hci_vhci loop virtio_rng)
# What a station has besides what the package needs.
STATION_PACKAGES=(dbus bluez network-manager polkitd udev systemd-sysv kmod rfkill curl mosquitto-clients procps e2fsprogs iproute2)

# Debian's kernel, unpacked into DIR: not installed here.
fetch_kernel() {
    local kernel=$1 meta package=''
    [ ! -e "$kernel/done" ] || return 0
    mkdir -p "$kernel/tree"
    [ -n "$(apt-cache search --names-only '^linux-image-amd64$')" ] || apt-get -qq update
    # Debian 12's own has a fault in Bluetooth; the newer one is beside it.
    for meta in linux-image-6.12-amd64 linux-image-amd64; do
        package=$(apt-cache depends "$meta" 2>/dev/null | sed -n 's/ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
        [ -z "$package" ] || break
    done
    [ -n "$package" ] || return 1
    (cd "$kernel" && apt-get -q -o APT::Sandbox::User=root download "$package" >apt.log 2>&1 && dpkg-deb -x ./*.deb tree && rm ./*.deb)
    echo "${package#linux-image-}" >"$kernel/release"
    depmod -b "$kernel/tree" "$(cat "$kernel/release")" 2>/dev/null || depmod -b "$kernel/tree/usr" "$(cat "$kernel/release")"
    touch "$kernel/done"
}

# The modules' files and those that they need, in the order of loading.
module_files() {
    local base=$1 release=$2 module
    shift 2
    for module in "$@"; do modprobe -d "$base" -S "$release" --show-depends "$module" 2>/dev/null || true; done |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# An initramfs that loads the modules and hands over to systemd.
make_initramfs() {
    local base=$1 release=$2 out=$3 tree=$work/initramfs file
    mkdir -p "$tree"/{bin,modules,proc,sys,dev,machine}
    cp "$(command -v busybox)" "$tree/bin/busybox"
    while IFS= read -r file; do
        cp "$file" "$tree/modules/"
        basename "$file" >>"$tree/modules/order"
    done < <(module_files "$base" "$release" "${BOOT_MODULES[@]}")
    cat >"$tree/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
while read -r module; do insmod "/modules/$module" || modprobe "${module%%.ko*}"; done </modules/order
for second in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/vda ] && break; sleep 1; done
mount -t ext4 /dev/vda /machine || { echo "BOOT no root"; poweroff -f; }
umount /sys /proc
mount --move /dev /machine/dev
exec switch_root /machine /sbin/init
INIT
    # busybox loads no compressed modules.
    find "$tree/modules" -name '*.xz' -exec unxz {} +
    sed -i 's/\.xz$//' "$tree/modules/order"
    chmod 755 "$tree/init"
    (cd "$tree" && find . | cpio -o -H newc --quiet) | gzip -1 >"$out"
}

# boot_suite SUITE: the root of the tests before, in which the package is not installed any more.
boot_suite() {
    local suite=$1 root=$work/$1 kernel=$cache/kernel release base file accel=tcg
    if [ "$(dpkg --print-architecture)" != amd64 ]; then
        say "The machine is left out: it is known for amd64 only."
        return 0
    fi
    step "$suite: a machine with it"
    need_packages qemu-system-x86 busybox-static cpio kmod e2fsprogs xz-utils
    fetch_kernel "$kernel" || { say "The machine is left out: no kernel for it."; return 0; }
    release=$(cat "$kernel/release")
    base=$kernel/tree
    [ -d "$base/lib/modules" ] || base=$base/usr
    apt_in "$root" install "${STATION_PACKAGES[@]}" /tmp/station-agent.deb >"$work/apt.log" 2>&1 || { tail "$work/apt.log"; return 1; }
    rm "$root/usr/sbin/policy-rc.d"
    # /tmp may be emptied at the start.
    mv "$root"/tmp/*.deb "$root/srv/"
    for file in $(module_files "$base" "$release" "${BOOT_MODULES[@]}" "${LATER_MODULES[@]}"); do
        install -D -m 644 "$file" "$root/usr/lib/modules/$release/${file#*"/$release/"}"
    done
    cp "$base/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$root/usr/lib/modules/$release/"
    depmod -b "$root" "$release"
    install -m 755 "$ROOT/scripts/debian/boot-check" "$root/usr/local/sbin/boot-check"
    printf '%s\n' '[Unit]' 'After=multi-user.target' '[Service]' 'Type=oneshot' 'ExecStart=/usr/local/sbin/boot-check' \
        'StandardOutput=tty' 'StandardError=tty' 'TTYPath=/dev/ttyS1' 'ExecStopPost=/bin/systemctl poweroff --force' \
        'TimeoutStartSec=1200' '[Install]' 'WantedBy=graphical.target' >"$root/etc/systemd/system/boot-check.service"
    in_root "$root" systemctl -q enable boot-check.service
    in_root "$root" systemctl -q set-default graphical.target
    echo station >"$root/etc/hostname"
    printf '127.0.0.1 localhost station\n' >"$root/etc/hosts"
    : >"$root/etc/fstab"
    make_initramfs "$base" "$release" "$work/initrd"
    truncate -s 3G "$work/disk.img"
    mke2fs -q -t ext4 -d "$root" "$work/disk.img"
    # There may be a /dev/kvm on which no ordinary kernel boots.
    if [ -w /dev/kvm ] && [ -n "${PACKAGE_TEST_KVM:-}" ]; then accel=kvm; fi
    step "$suite: boots ($accel)"
    timeout -k 5 "${BOOT_LIMIT:-1500}" qemu-system-x86_64 -accel "$accel" -M pc -cpu max -m 1024 -smp 1 -nographic -no-reboot -nodefaults \
        -kernel "$(echo "$kernel"/tree/boot/vmlinuz-*)" -initrd "$work/initrd" \
        -append "console=ttyS0 panic=-1 nokaslr mitigations=off no_timer_check tsc=reliable random.trust_cpu=on net.ifnames=0 rw ${BOOT_APPEND:-}" \
        -drive "if=none,id=disk,file=$work/disk.img,format=raw,cache=unsafe" -device virtio-blk-pci,drive=disk \
        -device virtio-rng-pci -serial "file:$work/console.log" -serial "file:$work/checks.log" -monitor none \
        </dev/null >"$work/qemu.log" 2>&1 || true
    tr -d '\r' <"$work/checks.log"
    if ! grep -q '^boot-check: end' "$work/checks.log"; then
        say "The machine did not come to its end:"
        tail -n 30 "$work/console.log" "$work/qemu.log" >&2
        failures=$((failures + 1))
    fi
    failures=$((failures + $(grep -c '^  FAIL' "$work/checks.log" || true)))
}
