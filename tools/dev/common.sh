# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

say() {
	printf 'dev: %s\n' "$*"
}

die() {
	printf 'dev: %s\n' "$*" >&2
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# The tree belongs to whoever cloned it. Building is done as that user even
# where ./dev itself was started through sudo, so that no file of root's is
# left among theirs.
take_the_tree() {
	tree_uid=$(stat -c %u .)
	tree_gid=$(stat -c %g .)
	if [ "$EUID" -ne 0 ] && ! [ -w . ]; then
		die "cannot write to $PWD: it belongs to $(stat -c %U .)"
	fi
	export PATH="$PATH:/usr/sbin:/sbin"
	export PYTHONDONTWRITEBYTECODE=1
	trap 'give_back_the_tree' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# What a step run as root left in build/ becomes the owner's.
give_back_the_tree() {
	if [ "$EUID" -eq 0 ] && [ "$tree_uid" -ne 0 ] && [ -d build ]; then
		chown -R --from=0 "$tree_uid:$tree_gid" build
	fi
}

as_owner() {
	if [ "$EUID" -ne 0 ] || [ "$tree_uid" -eq 0 ]; then
		"$@"
		return
	fi
	setpriv --reuid "$tree_uid" --regid "$tree_gid" --clear-groups \
		env HOME="$(getent passwd "$tree_uid" | cut -d: -f6)" "$@"
}

can_be_root() {
	[ "$EUID" -eq 0 ] || have sudo
}

# as_root WHY COMMAND...
as_root() {
	local why=$1

	shift
	if [ "$EUID" -eq 0 ]; then
		"$@"
	elif have sudo; then
		say "sudo: $why"
		sudo -- "$@"
	else
		die "$why needs root: run as root, or install sudo"
	fi
}

# Runs a command quietly; its output is shown only if it fails.
# quietly LOG COMMAND...
quietly() {
	local log=$1 status=0

	shift
	mkdir -p "${log%/*}"
	"$@" >"$log" 2>&1 || status=$?
	[ $status -eq 0 ] || tail -n 60 "$log" >&2
	return $status
}

sources() {
	find . \( -name build -o -name node_modules -o -name '.?*' \) -prune \
		-o -name '*.[ch]' -print | sort
}
