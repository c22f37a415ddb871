# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

# What is needed from the distribution, and by which commands:
#   build    to compile the programs and the page
#   run      to use them
#   check    layout, lint
#   test     to test: the lab's real servers and clients
#   page     to test the page; "page" packages are Debian's only
#   fuzz, bench, package
# "a|b" is whichever the release has. "?a" is used where it exists.
package_table() {
	cat <<-'END'
	build   gcc libc6-dev meson ninja-build pkgconf|pkg-config python3
	build   libsqlite3-dev libmicrohttpd-dev libjansson-dev
	build   libssl-dev libseccomp-dev libcap-ng-dev libmnl-dev libnftables-dev
	build   zlib1g-dev libzstd-dev libpsl-dev libsystemd-dev
	build   libcurl4-openssl-dev libexpat1-dev
	build   ?webext-ublock-origin-firefox ?tor-geoipdb ?iso-codes
	run     xdg-utils
	check   ?clang-format-14
	lint    clang-format-14|clang-format clang-tidy cppcheck shellcheck
	test    libcmocka-dev libpcap-dev python3-pytest python3-pytest-xdist python3-scapy python3-yaml
	test    python3-jsonschema python3-prometheus-client iproute2 iputils-ping nftables iptables
	test    dbus-daemon python3-dbus python3-gi
	test    procps util-linux ethtool tcpdump curl openssl jq
	test    dnsmasq-base nginx-light mosquitto mosquitto-clients faketime
	test    ngtcp2-client ngtcp2-server ?python3-aioquic knot-dnsutils
	test    avahi-daemon avahi-utils chrony isc-dhcp-client iperf3
	page    chromium fonts-dejavu-core
	fuzz    clang
	bench   valgrind tcpdump dsniff ?softflowd ?libndpi-bin ?tshark
	bench   python3-pandas time
	package dpkg-dev debootstrap patchelf
	END
}

# Servers that come with a service. Ours run them by hand, inside the lab:
# the service is neither started when they are installed nor at boot.
service_packages='avahi-daemon nginx-common mosquitto iperf3 softflowd'

# chrony would push out systemd-timesyncd, the machine's own clock keeper: its
# program is unpacked beside the build instead of installed.
unpacked_packages='chrony'
unpacked_dir=build/unpacked

node_oldest=18

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

known_to_apt() {
	[ -n "$(apt-cache madison "$1" 2>/dev/null)" ]
}

# The words of the table for the stages named, as written.
packages_for() {
	local stages=" $* " stage
	local -a words

	while read -ra words; do
		stage=${words[0]}
		words=("${words[@]:1}")
		case $stages in
		*" $stage "*) printf '%s\n' "${words[@]}" ;;
		esac
	done < <(package_table)
}

is_satisfied() {
	local choice
	local IFS='|'

	for choice in ${1#\?}; do
		if installed "$choice" ||
			[ -e "$unpacked_dir/.$choice" ]; then
			return 0
		fi
	done
	return 1
}

missing_packages() {
	local word

	for word in $(packages_for "$@"); do
		is_satisfied "$word" || printf '%s\n' "$word"
	done
	node_is_needed "$@" && ! node_is_good && printf '%s\n' nodejs npm
	return 0
}

node_is_needed() {
	case " $* " in
	*" build "* | *" page "*) [ -f ui/package.json ] ;;
	*) return 1 ;;
	esac
}

node_is_good() {
	have node && have npm &&
		[ "$(node -p 'process.versions.node.split(".")[0]')" -ge $node_oldest ]
}

# One name for a word of the table: the first choice that apt knows.
resolve() {
	local choice
	local IFS='|'

	for choice in ${1#\?}; do
		if known_to_apt "$choice"; then
			printf '%s\n' "$choice"
			return 0
		fi
	done
	case $1 in
	\?*) return 0 ;;
	esac
	return 1
}

# need STAGE...: installs what the stages of the table lack, and nothing else.
need() {
	local word name
	local -a missing names=() unpack=()

	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	have apt-get || cannot_install "no apt-get to install them with" || return 0
	! only_wished_for "${missing[@]}" || return 0
	can_be_root || cannot_install "installing them needs root or sudo" || return 0
	say "renewing the package lists"
	as_root "renewing the package lists" apt-get update -qq 2>/dev/null ||
		say "the package lists could not be renewed; going on with those here"
	for word in "${missing[@]}"; do
		name=$(resolve "$word") ||
			die "this release has no package ${word//|/ or }"
		case " $unpacked_packages " in
		*" ${name:-none} "*) unpack+=("$name") ;;
		*) names+=(${name:+"$name"}) ;;
		esac
	done
	[ ${#names[@]} -eq 0 ] || install_packages "${names[@]}"
	[ ${#unpack[@]} -eq 0 ] || unpack_packages "${unpack[@]}"
	if node_is_needed "$@" && ! node_is_good; then
		die "node $node_oldest or newer is needed; $(command -v node) is $(node --version)"
	fi
}

# cannot_install WHY: ends it, if one of $missing cannot be done without.
cannot_install() {
	local word needed=''

	for word in "${missing[@]}"; do
		case $word in
		\?*) ;;
		*) needed+=" ${word//|/ or }" ;;
		esac
	done
	[ -z "$needed" ] || die "missing:$needed ($1)"
	say "going on without ${missing[*]#\?} ($1)"
	return 1
}

# True if all that is missing is optional and is not to be had: asked only of
# the lists already here, so that a complete machine works offline.
only_wished_for() {
	local word

	for word in "$@"; do
		case $word in
		\?*) [ -z "$(resolve "$word")" ] || return 1 ;;
		*) return 1 ;;
		esac
	done
}

install_packages() {
	local new=() name

	say "installing: $*"
	for name in $service_packages; do
		installed "$name" || new+=("$name")
	done
	as_owner mkdir -p build/log
	quietly build/log/apt.log as_root "installing packages" \
		env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		tools/dev/no-services apt-get install -y -qq \
		--no-install-recommends --no-remove -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=300 "$@" </dev/null ||
		die "apt-get could not install: $*"
	for name in "${new[@]}"; do
		! installed "$name" || disable_services "$name"
	done
}

# At boot neither, by systemd or without it.
disable_services() {
	local kind name

	dpkg -L "$1" | sed -n \
		-e 's,^.*/lib/systemd/system/\([^/@]*\.\(service\|socket\)\)$,unit \1,p' \
		-e 's,^/etc/init\.d/\([^/]*\)$,script \1,p' |
		while read -r kind name; do
			if [ "$kind" = unit ] && have systemctl; then
				set -- systemctl disable -q "$name"
			elif [ "$kind" = script ] && have update-rc.d; then
				set -- update-rc.d "$name" disable
			else
				continue
			fi
			as_root "keeping $name from starting at boot" "$@" \
				>/dev/null 2>&1 </dev/null || true
		done
}

# apt-get download takes no dependencies; the libraries these need are those
# of the table's other packages.
unpack_packages() {
	local name dir

	for name in "$@"; do
		say "unpacking $name into $unpacked_dir, not installing it"
		dir=$(as_owner mktemp -d)
		(cd "$dir" && as_owner apt-get download -qq "$name" >/dev/null) ||
			die "apt-get could not download $name"
		as_owner mkdir -p $unpacked_dir
		as_owner dpkg -x "$dir"/*.deb $unpacked_dir
		as_owner touch "$unpacked_dir/.$name"
		rm -rf "$dir"
	done
}
