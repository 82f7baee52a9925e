# shellcheck shell=sh
# SPDX-License-Identifier: ISC
#
# apt.sh: packages of other suites of Debian, without installing any or
# touching the machine's own lists.  Source it:
#
#	apt_lists DIR "deb URI SUITE main" || why=$(apt_why DIR)
#	apt_get DIR download PACKAGE		# into the current directory

# apt_get DIR WORD...: apt-get, with the lists and the log in DIR.
apt_get() {
	apt_dir=$1
	shift
	apt-get -qq -o "Dir::Etc::SourceList=$apt_dir/sources.list" \
	    -o Dir::Etc::SourceParts=/dev/null \
	    -o "Dir::State::Lists=$apt_dir/lists" \
	    -o "Dir::Cache=$apt_dir" -o Acquire::Retries=1 \
	    -o Acquire::http::Timeout=20 "$@" >>"$apt_dir/log" 2>&1
}

# apt_lists DIR LINE...: begin with these lines of sources.list(5).
apt_lists() {
	apt_dir=$1
	shift
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/archives/partial" ||
	    return 1
	: >"$apt_dir/log"
	printf '%s\n' "$@" >"$apt_dir/sources.list"
	command -v apt-get >/dev/null ||
	    { echo "no apt-get" >"$apt_dir/log"; return 1; }
	# What cannot be fetched is only a warning to apt-get update.
	apt_get "$apt_dir" update && ! grep -q '^[EW]:' "$apt_dir/log"
}

# apt_why DIR: the first words of what failed.
apt_why() {
	sed 's/^[EW]: //' "$1/log" | head -n 1
}
