# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later

# build_page: ui/ into ui/dist/, when the sources are newer.
build_page() {
	[ -f ui/package.json ] || return 0
	npm_install ui
	if [ -f ui/dist/index.html ] && [ -z "$(find ui -name node_modules -prune \
		-o -name dist -prune -o -type f -newer ui/dist/index.html -print -quit)" ]; then
		return 0
	fi
	say "building the page"
	quietly build/log/page.log as_owner npm --prefix ui run build ||
		die "the page could not be built"
}

# build_report: what the study's report is sorted and drawn by, into
# study/page/dist/, when the sources are newer.
build_report() {
	local made=study/page/dist/report.js

	npm_install study/page
	if [ -f $made ] && [ -z "$(find study/page -name node_modules -prune \
		-o -name dist -prune -o -type f -newer $made -print -quit)" ]; then
		return 0
	fi
	say "building the report's page"
	quietly build/log/report.log as_owner npm --prefix study/page run build ||
		die "the report's page could not be built"
}

# build_data: the packages that the reference data is built from.
build_data() {
	npm_install data
}

# build_engine: the library that iot-study keeps a fleet in.
build_engine() {
	[ "$(uname -sm)" = "Linux x86_64" ] || return 0
	[ -f build/duckdb/release ] || say "getting DuckDB, for iot-study"
	quietly build/log/duckdb.log as_owner tools/dev/duckdb ||
		die "DuckDB could not be got"
}

# npm_install FOLDER: what its lockfile names, if not there yet.
npm_install() {
	local got=$1/node_modules/.package-lock.json

	[ ! -f "$got" ] || [ "$1/package-lock.json" -nt "$got" ] || return 0
	say "installing the npm packages of $1"
	quietly "build/log/npm-${1//\//-}.log" as_owner npm ci --prefix "$1" \
		--no-audit --no-fund --ignore-scripts ||
		die "npm could not install the packages of $1"
}

# configure DIR MESON-OPTION...: sets a build folder up, or anew if asked for
# other options than last time.
configure() {
	local dir=$1 options

	shift
	options="$*"
	if [ -f "$dir/build.ninja" ] &&
		[ "$(cat "$dir/.options" 2>/dev/null)" = "$options" ]; then
		return 0
	fi
	as_owner mkdir -p build/log
	say "configuring $dir"
	as_owner rm -rf "$dir"
	quietly "build/log/${dir##*/}-setup.log" as_owner meson setup "$dir" "$@" ||
		die "meson could not set up $dir"
	as_owner tee "$dir/.options" >/dev/null <<<"$options"
}

# compile DIR [TARGET...]
compile() {
	quietly "build/log/${1##*/}.log" as_owner ninja -C "$@" ||
		die "$1 could not be built"
}

build_release() {
	build_page
	build_report
	build_data
	build_engine
	configure build/release --buildtype=release -Dtests=false -Db_lto=true
	say "building build/release"
	compile build/release
}

# With the sanitizers, and no warning let through.
build_sanitized() {
	build_page
	build_report
	build_data
	build_engine
	configure build/sanitized --buildtype=debugoptimized -Dwerror=true \
		-Db_sanitize=address,undefined
	say "building build/sanitized"
	compile build/sanitized
}

cmd_build() {
	need build
	build_release
	say "built, in build/release: $(find build/release -maxdepth 1 -type f \
		-name 'iot-*' -printf '%f\n' | sort | paste -sd ' ')"
}

# The packages as the lockfile and the system have them now; meson does not see
# the system's change.
cmd_data() {
	need build
	rm -f build/release/lib/know/reference.bin data/node_modules/.package-lock.json
	build_release
	build/release/iot-inspector data
}

cmd_run() {
	need build run
	build_release
	as_root "starting the inspector" build/release/iot-inspector run "$@"
}

cmd_demo() {
	need build run test
	build_release
	use_unpacked
	as_root "building the simulated home" env PATH="$PATH" \
		PYTHONDONTWRITEBYTECODE=1 lab/demo "$@"
}

use_unpacked() {
	PATH="$PWD/$unpacked_dir/usr/sbin:$PWD/$unpacked_dir/usr/bin:$PATH"
}
