# The lab's machine: a Debian kernel with a Bluetooth stack in qemu, the host's own files as its root. Needs neither
# hardware nor modules of the host's. Sourced by `run`.
# shellcheck shell=bash

LAB_SCRIPTS=$ROOT/scripts/lab
LAB_CACHE=$ROOT/var/lab
# bluez and the broker are installed on the host because the machine sees the host's files; nothing starts them there.
LAB_PACKAGES=(bluez busybox-static cpio dbus iproute2 kmod mosquitto python3 python3-venv qemu-system-x86)
# Bumble plays the radios, bleak is measured beside us. Bumble's other dependencies serve transports we do not use.
LAB_PYTHON_PACKAGES=(bumble==0.0.236 bleak==3.1.0 cffi cryptography dbus-fast paho-mqtt pycparser pyee
    typing-extensions websockets)
BOOT_MODULES=(virtio_pci 9pnet_virtio 9p overlay virtio_console)
RADIO_MODULES=(bluetooth hci_vhci uhid cmac ecb ccm gcm ctr drbg jitterentropy_rng ecdh_generic algif_skcipher
    algif_hash virtio_rng)

# Fetches and unpacks the kernel, without installing it. 6.12 first: 6.1's Bluetooth uses freed memory when a connection
# attempt passes its time, and takes bluetoothd with it.
lab_kernel() {
    local meta package='' release work root module
    apt-cache show linux-image-amd64 >/dev/null 2>&1 || apt-get update -q >&2
    for meta in ${LAB_KERNEL:-linux-image-6.12-amd64 linux-image-amd64}; do
        package=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
        [ -n "$package" ] && break
    done
    [ -n "$package" ] || die "Debian's package lists name no kernel for amd64."
    release=${package#linux-image-}
    [ "$(cat "$LAB_CACHE/kernel/release" 2>/dev/null)" = "$release" ] && return 0
    say "Fetching the kernel $release"
    rm -rf "$LAB_CACHE/kernel"
    work=$(mktemp -d -p "$LAB_CACHE")
    chmod 755 "$work"
    (cd "$work" && apt-get download -q -o APT::Sandbox::User=root "$package" >&2 && dpkg-deb -x ./*.deb files)
    root=$work/files
    [ -d "$root/lib/modules" ] || root=$work/files/usr
    depmod -b "$root" "$release"
    mkdir -p "$LAB_CACHE/kernel/lib/modules/$release"
    cp "$work/files/boot/vmlinuz-$release" "$LAB_CACHE/kernel/vmlinuz"
    cp "$root/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$LAB_CACHE/kernel/lib/modules/$release/"
    for module in "${BOOT_MODULES[@]}" "${RADIO_MODULES[@]}"; do
        modprobe -d "$root" -S "$release" --show-depends "$module" 2>/dev/null || say "$release has no module $module"
    done | awk '$1 == "insmod" { print $2 }' | sort -u | while read -r module; do
        install -D -m 644 "$module" "$LAB_CACHE/kernel${module#"$root"}"
    done
    depmod -b "$LAB_CACHE/kernel" "$release"
    rm -rf "$work"
    echo "$release" >"$LAB_CACHE/kernel/release"
}

lab_memory_disk() {
    local release work module
    release=$(cat "$LAB_CACHE/kernel/release")
    work=$(mktemp -d -p "$LAB_CACHE")
    mkdir -p "$work"/{bin,modules,proc,sys,dev}
    cp "$(command -v busybox)" "$work/bin/busybox"
    install -m 755 "$LAB_SCRIPTS/init" "$work/init"
    for module in "${BOOT_MODULES[@]}"; do
        modprobe -d "$LAB_CACHE/kernel" -S "$release" --show-depends "$module" 2>/dev/null || true
    done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
        cp "$module" "$work/modules/"
        basename "$module" >>"$work/modules/order"
    done
    # (cpio's owner, not ours: the machine's root.)
    (cd "$work" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$LAB_CACHE/memory-disk.gz"
    rm -rf "$work"
}

lab_python() {
    local wanted="${LAB_PYTHON_PACKAGES[*]}"
    [ "$(cat "$LAB_CACHE/python/wanted" 2>/dev/null)" = "$wanted" ] && return 0
    say "Installing $wanted into $LAB_CACHE/python"
    rm -rf "$LAB_CACHE/python"
    /usr/bin/python3 -m venv "$LAB_CACHE/python"
    "$LAB_CACHE/python/bin/pip" install --quiet --no-deps "${LAB_PYTHON_PACKAGES[@]}" >&2
    echo "$wanted" >"$LAB_CACHE/python/wanted"
}

lab_prepare() {
    [ "$(uname -m)" = x86_64 ] || die "The radio lab runs on amd64 only."
    need_packages "${LAB_PACKAGES[@]}"
    mkdir -p "$LAB_CACHE"
    lab_kernel
    lab_memory_disk
    lab_python
}

# lab_boot AGENT OUT SECONDS ARGUMENT…: runs the lab's program in the machine; what it leaves is in OUT.
lab_boot() {
    local agent=$1 out=$2 limit=$3 release status=0
    shift 3
    mkdir -p "$out"
    out=$(realpath "$out")
    rm -f "$out"/*
    cp "$LAB_SCRIPTS/guest" "$out/guest"
    {
        printf 'LAB_SCRIPTS=%q\nLAB_PYTHON=%q\nLAB_AGENT=%q\n' "$LAB_SCRIPTS" "$LAB_CACHE/python/bin/python" "$(realpath "$agent")"
        printf 'LAB_ARGUMENTS=('
        (($#)) && printf ' %q' "$@"
        printf ' )\n'
    } >"$out/settings"
    release=$(cat "$LAB_CACHE/kernel/release")
    local shares=() share
    for share in "host:/:,readonly=on" "lab:$out:" "modules:$LAB_CACHE/kernel/lib/modules/$release:,readonly=on"; do
        IFS=: read -r tag path options <<<"$share"
        shares+=(-fsdev "local,id=$tag,path=$path,security_model=none,multidevs=remap$options"
            -device "virtio-9p-pci,fsdev=$tag,mount_tag=$tag")
    done
    # One processor: emulated ones wait for each other more than they help. LAB_ACCEL=kvm where a kernel boots under it.
    timeout --foreground -k 5 "$limit" qemu-system-x86_64 -accel "${LAB_ACCEL:-tcg}" -machine pc -cpu max -smp 1 -m 1024 \
        -nodefaults -no-user-config -no-reboot -display none -monitor none \
        -kernel "$LAB_CACHE/kernel/vmlinuz" -initrd "$LAB_CACHE/memory-disk.gz" \
        -append "console=ttyS0 panic=-1 nokaslr mitigations=off no_timer_check tsc=reliable random.trust_cpu=on nowatchdog" \
        "${shares[@]}" -serial "file:$out/kernel.log" -device virtio-rng-pci -device virtio-serial-pci \
        -chardev stdio,id=screen,signal=off -device virtconsole,chardev=screen </dev/null 2>"$out/qemu.log" || status=$?
    [ -s "$out/status" ] && return "$(cat "$out/status")"
    tail -n 5 "$out/kernel.log" "$out/qemu.log" "$out/machine.log" >&2 || true
    [ "$status" = 124 ] && die "The lab took longer than $limit s; its logs are in $out."
    die "The lab's machine failed (qemu: $status); its logs are in $out."
}
