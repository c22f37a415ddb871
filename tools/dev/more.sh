# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

cmd_fmt() {
	need lint
	have clang-format-14 ||
		die "the layout is that of clang-format 14, which this release lacks"
	sources | as_owner xargs -r clang-format-14 -i
	say "laid out $(sources | wc -l) sources"
}

cmd_lint() {
	local status=0

	need build lint test
	[ -f build/sanitized/compile_commands.json ] || build_sanitized
	say "clang-tidy"
	find agent collector lib study -name '*.c' 2>/dev/null | sort |
		xargs -r -n 4 -P "$(nproc)" clang-tidy --quiet -p build/sanitized \
			--extra-arg=-Wno-unknown-warning-option 2>/dev/null || status=1
	say "cppcheck"
	cppcheck -q -j "$(nproc)" --std=c11 --error-exitcode=1 --inline-suppr \
		--enable=warning,performance,portability \
		--suppress=normalCheckLevelMaxBranches --suppress=unknownMacro \
		--suppress=uninitvar --suppress=uninitStructMember \
		-I lib -I agent -I . lib agent collector study || status=1
	say "shellcheck"
	shellcheck -x dev .ci/run tools/dev/no-services packaging/deb/p* packaging/deb/collector/* || status=1
	return $status
}

# cmd_fuzz [NAME [SECONDS]]: what is found is left in fuzz/NAME.repro/, to be
# fixed and committed with the fix.
cmd_fuzz() {
	local name seconds=${2:-60} status=0
	local -a names=()

	need build fuzz
	build_engine
	CC=clang configure build/fuzz --buildtype=debugoptimized \
		-Dfuzzing=true -Db_sanitize=address,undefined -Db_lundef=false
	say "building build/fuzz"
	compile build/fuzz
	for name in fuzz/fuzz_*.c; do
		name=${name#fuzz/fuzz_}
		[ -n "${1:-}" ] && [ "$1" != "${name%.c}" ] || names+=("${name%.c}")
	done
	[ ${#names[@]} -gt 0 ] || die "there is no fuzz/fuzz_${1:-*}.c"
	for name in "${names[@]}"; do
		say "fuzzing $name for $seconds s"
		as_owner mkdir -p "build/corpus/$name" "fuzz/$name.repro"
		as_owner "build/fuzz/fuzz/fuzz_$name" -max_total_time="$seconds" \
			-print_final_stats=1 -artifact_prefix="fuzz/$name.repro/" \
			"build/corpus/$name" "fuzz/$name.in" || status=1
		rmdir "fuzz/$name.repro" 2>/dev/null || true
	done
	return $status
}

# cmd_bench [--quick] [--kills N]: over files, and then live in the lab.
cmd_bench() {
	local quick='' kills=200 files=28 live=16

	while [ $# -gt 0 ]; do
		case $1 in
		--quick) quick=--quick kills=0 files=4 live=3 ;;
		--kills) shift && kills=${1:?how many kills} ;;
		*) die "usage: ./dev bench [--quick] [--kills N]" ;;
		esac
		shift
	done
	need build bench test
	say "the plan, on two processors: about $files minutes over files, $live" \
		"live, $(((kills + 4) / 5)) for $kills kills of each family"
	build_release
	configure build/bench --buildtype=release -Db_lto=true
	say "building build/bench"
	compile build/bench benchmarks iot-study
	as_owner /usr/bin/python3 bench/bench.py ${quick:+"$quick"}
	say "merging distinct labels of devices"
	as_owner build/bench/bench/merge_labels ${quick:+100000}
	say "reports of the study, beside pandas"
	as_owner /usr/bin/python3 bench/study.py ${quick:+--homes 300}
	[ -n "$quick" ] || as_owner /usr/bin/python3 bench/study.py \
		--homes 5404 --ten --no-pandas
	as_owner /usr/bin/python3 bench/collector.py ${quick:+"$quick"}
	[ "$kills" -eq 0 ] || as_owner env KILLS="$kills" STOPS="$kills" \
		IOT_COLLECTOR="$PWD/build/release/iot-collector" \
		PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q \
		-p no:cacheprovider tests/collector/test_kill.py \
		tests/collector/test_stop.py
	use_unpacked
	as_root "measuring in the simulated home" env PATH="$PATH" \
		PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 bench/live.py \
		${quick:+"$quick"} --kills "$kills"
}

cmd_package() {
	need build package
	build_release
	as_owner packaging/package "$@"
}
