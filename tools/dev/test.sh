# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

# A stage is a function that runs its tests, all of them even if some fail,
# and leaves what they reported in $results/STAGE.* for tools/dev/tally.
stages=(install format includes length tools build unit ui golden fuzz
	release study findings lab lab-alone lab-sanitized api collector page package)
results=build/test

cmd_test() {
	local stage
	local -a chosen=()

	if [ "${1:-}" = --list ]; then
		printf '%s\n' "${stages[@]}"
		return 0
	fi
	for stage in "$@"; do
		case " ${stages[*]} " in
		*" $stage "*) chosen+=("$stage") ;;
		*) die "no test stage $stage: there are ${stages[*]}" ;;
		esac
	done
	[ $# -gt 0 ] || chosen=("${stages[@]}")
	[ "${chosen[0]}" = install ] || chosen=(install "${chosen[@]}")
	as_owner rm -rf $results
	as_owner mkdir -p $results
	passed=0 failed=0 skipped=0
	use_unpacked
	for stage in "${chosen[@]}"; do
		[ "$stage" != api ] || begin_packages
		[ "$stage" != package ] || await_packages
		run_stage "$stage"
		[ "$stage $failed" != "install 1" ] || break
	done
	printf '\n%d passed, %d failed, %d skipped\n' $passed $failed $skipped
	[ $failed -eq 0 ]
}

# In a shell of its own, so that a stage which gives up ends only itself.
run_stage() {
	local stage=$1 began=$EPOCHREALTIME status=0
	local -a counts

	printf '\n== %s\n' "$stage"
	(
		trap - EXIT
		set +e
		"stage_${stage//-/_}"
	) || status=$?
	[ $status -lt 129 ] || exit $status
	read -ra counts < <({ have python3 &&
		tools/dev/tally "$stage" $status $results; } || echo 0 1 0)
	passed=$((passed + counts[0]))
	failed=$((failed + counts[1]))
	skipped=$((skipped + counts[2]))
	printf -- '-- %s: %d passed, %d failed, %d skipped, in %s s\n' "$stage" \
		"${counts[@]}" "$(elapsed "$began")"
}

elapsed() {
	awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'
}

# skip STAGE WHY: the stage counts as one skipped test.
skip() {
	say "skipped: $2"
	as_owner tee "$results/$1.skipped" >/dev/null <<<"$2"
}

# A check is a test without a runner: its exit status says it all.
check() {
	local stage=$1

	shift
	"$@" || return 1
	as_owner touch "$results/$stage.checked"
}

stage_install() {
	need build run check test && page_packages && check install true
}

# Ubuntu's Chromium is a snap, which a test cannot drive.
page_packages() {
	chromium_is_a_package || return 0
	need page
}

chromium_is_a_package() {
	installed chromium || { known_to_apt chromium && . /etc/os-release &&
		[ "${ID:-}" = debian ]; }
}

stage_format() {
	if ! have clang-format-14; then
		skip format "the layout is that of clang-format 14, which this release lacks"
		return 0
	fi
	check format eval 'sources | xargs -r clang-format-14 --dry-run -Werror'
}

stage_includes() {
	check includes tools/check-includes
}

stage_length() {
	check length tools/check-length
}

stage_tools() {
	run_pytest tools as_owner env
}

stage_build() {
	build_sanitized && check build true
}

stage_release() {
	build_release && check release true
}

stage_unit() {
	run_meson unit
}

# The page's own arithmetic; what it shows is the page stage's.
stage_ui() {
	npm_install ui || return 1
	as_owner npm --prefix ui test 2>&1 | as_owner tee $results/ui.node
}

stage_fuzz() {
	run_meson fuzz
}

# Our own leaks fail a test; undefined behaviour ends it.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}

run_meson() {
	local status=0 log=build/sanitized/meson-logs/testlog.json

	build_sanitized || return 1
	rm -f $log
	as_owner env CMOCKA_MESSAGE_OUTPUT=TAP meson test -C build/sanitized \
		--no-rebuild --suite "$1" --timeout-multiplier 3 --print-errorlogs || status=$?
	[ ! -f $log ] || as_owner mv $log "$results/$1.meson.json"
	return $status
}

stage_golden() {
	run_pytest golden as_owner env IOT_INSPECTOR="$PWD/build/sanitized/iot-inspector"
}

# An hour of a home is much for a program that checks itself: the release.
stage_findings() {
	run_pytest findings as_owner env IOT_INSPECTOR="$PWD/build/release/iot-inspector"
}

# The study's program from its command line; what it computes is the unit
# stage's.
stage_study() {
	run_pytest study as_owner env IOT_INSPECTOR="$PWD/build/release/iot-inspector" \
		IOT_STUDY="$PWD/build/release/iot-study" \
		IOT_COLLECTOR="$PWD/build/release/iot-collector"
}

# Each home waits more than it works, so three run side by side.
stage_lab() {
	pytest_options=(-n 3 --dist loadfile -m "not alone")
	run_pytest lab lab_root env IOT_INSPECTOR="$PWD/build/release/iot-inspector" PATH="$PATH"
}

# What measures how fast the machine is.
stage_lab_alone() {
	pytest_options=(-m alone)
	run_pytest lab lab_root env IOT_INSPECTOR="$PWD/build/release/iot-inspector" PATH="$PATH"
}

# One pass over the lab with the sanitizers in: what is marked so, since a
# confined process cannot look for leaks, and timing is not theirs to keep.
stage_lab_sanitized() {
	pytest_options=(-n 2 --dist loadfile)
	run_pytest lab lab_root env IOT_INSPECTOR="$PWD/build/sanitized/iot-inspector" \
		ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 IOT_SANITIZED=1 PATH="$PATH"
}

stage_api() {
	run_contract api 6 lab_root env IOT_INSPECTOR="$PWD/build/release/iot-inspector" \
		HUB_ALONE="$PWD/build/sanitized/tests/unit/web/hub_alone" PATH="$PATH"
}

# No network but the loopback, and no root.
stage_collector() {
	run_contract collector 2 as_owner env IOT_COLLECTOR="$PWD/build/sanitized/iot-collector"
}

# run_contract FOLDER N HOW...: its tests in N processes, then those that say
# whether all of the contract was seen, by any of them.
run_contract() {
	local folder=$1 processes=$2 last=tests/$1/test_z_contract.py status=0

	shift 2
	pytest_options=(-n "$processes" --dist loadfile --ignore "$last")
	run_pytest "$folder" "$@" CONTRACT_SEEN="$results/$folder.seen" || status=$?
	pytest_options=()
	run_pytest "$folder/${last##*/}" "$@" CONTRACT_SEEN="$results/$folder.seen" ||
		status=$?
	return $status
}

stage_page() {
	if ! installed chromium; then
		skip page "Chromium is no package of this system (Ubuntu's is a snap)"
		return 0
	fi
	npm_install tests/page || return 1
	lab_root env IOT_INSPECTOR="$PWD/build/release/iot-inspector" PATH="$PATH" \
		env --default-signal=INT "${in_time[@]}" npm --silent --prefix tests/page test 2>&1 |
		as_owner tee $results/page.node
}

# What the package stage wants is made while the API is tested, which waits more
# than it works and measures nothing, and with what it leaves of the processors.
packing='' packed=''

begin_packages() {
	case " ${chosen[*]} " in
	*" package "*) ;;
	*) return 0 ;;
	esac
	can_be_root && need build package test || return 0
	as_root "making bare systems for the package tests" true
	quietly build/log/package.log make_packages &
	packing=$!
}

await_packages() {
	[ -z "$packing" ] || ! wait "$packing" || packed=yes
}

# Ctrl-C is to end these as well, although they run beside.
make_packages() {
	as_owner env --default-signal=INT nice -n 19 packaging/package &&
		lab_root env --default-signal=INT nice -n 19 tests/package/bare.py
}

# In a Debian with nothing in it, which is made once.
stage_package() {
	need build package test && build_release || return 1
	[ -n "$packed" ] || as_owner packaging/package || return 1
	run_pytest package lab_root env PATH="$PATH"
}

lab_root() {
	if can_be_root; then
		as_root "running the lab (network namespaces)" "$@"
	else
		say "without root or sudo: what needs namespaces will be skipped"
		"$@"
	fi
}

# Whatever hangs is ended, as by Ctrl-C, while its stage can still tell of it.
in_time=(timeout --foreground --signal=INT --kill-after=60 900)
pytest_options=()

# run_pytest WHAT HOW...: tests/WHAT, a folder or a file, started by HOW.
run_pytest() {
	local what=$1

	shift
	if [ ! -e "tests/$what" ]; then
		say "there is no tests/$what"
		return 1
	fi
	# Debian's Python, whose packages the table installs; Ctrl-C is told to
	# programs under test, also where what started us ignores it
	"$@" PYTHONDONTWRITEBYTECODE=1 env --default-signal=INT \
		"${in_time[@]}" /usr/bin/python3 -m pytest -q -p no:cacheprovider --durations=5 --durations-min=5 -rs "tests/$what" \
		"${pytest_options[@]}" \
		--junitxml="$results/$stage.${what##*/}.junit.xml"
}
