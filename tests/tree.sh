#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tree.sh dir: copy the sources to dir, dates kept, products left behind.
# What git knows or does not ignore; without git, what .gitignore does not
# name.

set -eu
dest=${1:?usage: tree.sh dir}
cd "$(dirname "$0")/.."

sources() {
	if [ -e .git ] && git ls-files -co --exclude-per-directory=.gitignore \
	    2>/dev/null; then
		return
	fi
	find . -name .build -prune -o -type f ! -name '*.o' ! -name '*.lo' \
	    ! -name '*.a' ! -name '*.d' ! -name '*.so.*' ! -name '*.fuzz' \
	    ! -path './config.*' ! -name '*.tar.gz' -print | sed 's|^\./||'
}

sources | sort -u | while IFS= read -r file; do
	[ -f "$file" ] || continue
	case $file in */*) mkdir -p "$dest/${file%/*}" ;; *) mkdir -p "$dest" ;; esac
	cp -p "$file" "$dest/$file"
done
