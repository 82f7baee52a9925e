# SPDX-License-Identifier: ISC
#
# One file for GNU make and BSD make: no conditionals, no functions, suffix
# rules only.  Every choice is made by ./configure, which writes config.mk.
#
# What a user asks for (make, make check, ...) may come before config.mk is
# there: it configures if needed, then runs a second make on do-TARGET, which
# reads config.mk.  The first make keeps the order of its operands even under
# -j ('make -j4 deps check'); the second is parallel.

-include config.mk

# --- lists: one name a line, alphabetical -----------------------------------

LIB_SRCS = \
	platform/compat.c \
	platform/confine.c \
	platform/plat.c \
	platform/table.c \
	platform/trace.c \
	$(PLAT_SRCS) \
	libfind/addr.c \
	libfind/asuser.c \
	libfind/can_open.c \
	libfind/cmdline.c \
	libfind/config.c \
	libfind/conns.c \
	libfind/ctl.c \
	libfind/ctx.c \
	libfind/dial.c \
	libfind/end.c \
	libfind/evidence.c \
	libfind/export.c \
	libfind/export_config.c \
	libfind/export_unit.c \
	libfind/family.c \
	libfind/forward.c \
	libfind/group.c \
	libfind/health.c \
	libfind/holder.c \
	libfind/hops.c \
	libfind/ident.c \
	libfind/join.c \
	libfind/jumps.c \
	libfind/keyword.c \
	libfind/kin.c \
	libfind/list.c \
	libfind/listen.c \
	libfind/look.c \
	libfind/masters.c \
	libfind/match.c \
	libfind/mux.c \
	libfind/mux_wire.c \
	libfind/names.c \
	libfind/origin.c \
	libfind/owner.c \
	libfind/path.c \
	libfind/peers.c \
	libfind/place.c \
	libfind/probe.c \
	libfind/proxies.c \
	libfind/reach.c \
	libfind/record.c \
	libfind/resolve.c \
	libfind/run.c \
	libfind/scan.c \
	libfind/select.c \
	libfind/select_end.c \
	libfind/server.c \
	libfind/signal.c \
	libfind/sockets.c \
	libfind/sockset.c \
	libfind/stop.c \
	libfind/text.c \
	libfind/title.c \
	libfind/transport.c \
	libfind/trip.c \
	libfind/unasked.c \
	libfind/unit.c \
	libfind/verdict.c \
	libfind/view.c \
	libfind/words.c

TOOLS = \
	tools/tunadd \
	tools/tuncheck \
	tools/tunkill \
	tools/tunps \
	tools/tunrun

# What the tools share.
TOOL_SRCS = \
	tools/after.c \
	tools/back.c \
	tools/brood.c \
	tools/cell.c \
	tools/dead.c \
	tools/end.c \
	tools/foreign.c \
	tools/grid.c \
	tools/metrics.c \
	tools/out.c \
	tools/out_complete.c \
	tools/out_export.c \
	tools/out_json.c \
	tools/out_tree.c \
	tools/pick.c \
	tools/plan.c \
	tools/plan_json.c \
	tools/plan_peers.c \
	tools/plan_signal.c \
	tools/plan_text.c \
	tools/plan_why.c \
	tools/ps.c \
	tools/readings.c \
	tools/record.c \
	tools/rows.c \
	tools/screen.c \
	tools/served.c \
	tools/sshname.c \
	tools/stranger.c \
	tools/tool.c \
	tools/verdict.c \
	tools/watch.c

HDRS = \
	config.h \
	libfind/asuser.h \
	libfind/dial.h \
	libfind/export.h \
	libfind/internal.h \
	libfind/join.h \
	libfind/libfind.h \
	libfind/mux_wire.h \
	libfind/parser.h \
	libfind/reach.h \
	libfind/resolve.h \
	libfind/scan.h \
	libfind/select.h \
	libfind/trip.h \
	platform/compat.h \
	platform/impl.h \
	platform/linux.h \
	platform/linux_guard.h \
	platform/linux_sock.h \
	platform/ms.h \
	platform/platform.h \
	platform/sysctl.h \
	tools/brood.h \
	tools/dead.h \
	tools/foreign.h \
	tools/grid.h \
	tools/json.h \
	tools/metrics.h \
	tools/out.h \
	tools/pick.h \
	tools/plan.h \
	tools/ps.h \
	tools/record.h \
	tools/served.h \
	tools/sshname.h \
	tools/readings.h \
	tools/stranger.h \
	tools/tool.h \
	tools/verdict.h \
	tools/watch.h

MAN1 = \
	tools/tunadd.1 \
	tools/tuncheck.1 \
	tools/tunkill.1 \
	tools/tunps.1 \
	tools/tunrun.1
MAN3 = \
	libfind/libfind.3
MAN7 = \
	tools/tunnels.7

# One Suite a file, see tests/tests.h.
SUITE_SRCS = \
	tests/main.c \
	tests/fakemaster.c \
	tests/fakesocks.c \
	tests/addr.c \
	tests/cmdline.c \
	tests/config.c \
	tests/confine.c \
	tests/conns.c \
	tests/ctl.c \
	tests/export.c \
	tests/family.c \
	tests/filter.c \
	tests/forward.c \
	tests/guard.c \
	tests/health.c \
	tests/holder.c \
	tests/ident.c \
	tests/join.c \
	tests/list.c \
	tests/masters.c \
	tests/match.c \
	tests/mounts.c \
	tests/mux.c \
	tests/origin.c \
	tests/owner.c \
	tests/path.c \
	tests/peers.c \
	tests/place.c \
	tests/plat.c \
	tests/reach.c \
	tests/resolve.c \
	tests/scan.c \
	tests/select.c \
	tests/server.c \
	tests/signal.c \
	tests/sock.c \
	tests/sockset.c \
	tests/stop.c \
	tests/table.c \
	tests/transport.c \
	tests/unasked.c \
	tests/verdict.c \
	tests/view.c

# Programs that the test scripts use.
HELPERS = \
	tests/ask \
	tests/fakessh \
	tests/gspec \
	tests/json \
	tests/mktun \
	tests/muxcli \
	tests/peer \
	tests/reuse \
	tests/rival \
	tests/subreaper \
	tests/tabrec \
	tests/walk

# tests/fuzz/X.c with its corpus tests/fuzz/X/ and dictionary X.dict.
FUZZERS = \
	tests/fuzz/cmdline.fuzz \
	tests/fuzz/config.fuzz \
	tests/fuzz/forward.fuzz \
	tests/fuzz/mux.fuzz \
	tests/fuzz/select.fuzz \
	tests/fuzz/sock.fuzz \
	tests/fuzz/table.fuzz

BENCHES = \
	tests/bench/crowd

# What scripts preload; configure says in PRELOADS which can be built here.
PRELOAD_SRCS = \
	tests/faults.c

# --- what follows from them -------------------------------------------------

LIB_OBJS = $(LIB_SRCS:.c=.o)
LIB_LOS = $(LIB_SRCS:.c=.lo)
TOOL_OBJS = $(TOOL_SRCS:.c=.o) $(TOOLS:=.o)
SUITE_OBJS = $(SUITE_SRCS:.c=.o)
FUZZ_OBJS = $(FUZZERS:.fuzz=.o) tests/fuzz/driver.o
MISC_OBJS = $(HELPERS:=.o) $(BENCHES:=.o) $(FUZZ_OBJS)
PRELOAD_LOS = $(PRELOAD_SRCS:.c=.lo)
ALL_OBJS = $(LIB_OBJS) $(LIB_LOS) $(TOOL_OBJS) $(SUITE_OBJS) $(MISC_OBJS) \
	$(PRELOAD_LOS)

SRCS = $(LIB_SRCS) $(TOOL_SRCS) $(TOOLS:=.c) $(SUITE_SRCS) $(HELPERS:=.c) \
	$(FUZZERS:.fuzz=.c) tests/fuzz/driver.c $(PRELOAD_SRCS)

INCLUDES = -I. -Ilibfind -Iplatform -Itools
ALL_CPPFLAGS = $(INCLUDES) $(FEATURES) $(LIB_CFLAGS) $(JANSSON_CFLAGS) \
	$(CHECK_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS = -std=c99 $(WARN) $(HARDEN) $(CFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
LINK = $(CC) $(ALL_CFLAGS) $(LDFLAGS)
LINK_PROGRAM = $(LINK) $(PIE_LDFLAGS)

# --- what a user asks for ---------------------------------------------------

all asan bench check compdb demo dist distcheck fuzz install lint live \
picture uninstall unit valgrind: config
	@GNUMAKEFLAGS=--no-print-directory $(MAKE) SERIAL=.PHONY do-$@

# config.log, not config.mk, tells when ./configure last ran: config.mk keeps
# its date when nothing changed.
config:
	@test -f config.mk && test -n "`find config.log -newer configure`" || \
	    ./configure $(CONFIGURE_ARGS)

# Install what a build and its tests need, or lint, fuzz and valgrind; as root
# or with sudo.
deps:
	sh tests/deps.sh build

deps-lint:
	sh tests/deps.sh lint

# Another libc, other processors, other releases of procps.
cross:
	sh tests/cross.sh $(TARGETS)
	sh tests/procps.sh

clean:
	rm -f libfind.a libfind.so* libfind*.dylib tools/common.a
	rm -f compile_commands.json
	rm -f $(TOOLS) tests/check $(HELPERS) $(FUZZERS) $(BENCHES)
	rm -f $(PRELOAD_SRCS:.c=.so)
	rm -f */*.o */*.lo */*/*.o */*.d */*/*.d
	rm -rf .build

distclean: clean
	rm -f config.h config.log config.mk

SERIAL = .NOTPARALLEL
$(SERIAL):
.PHONY: all asan bench check clean compdb config cross deb-check demo deps \
	deps-lint dist distcheck distclean fuzz install lint live picture \
	uninstall valgrind do-all do-asan do-bench do-check do-compdb \
	do-demo do-dist do-distcheck do-fuzz do-install do-lint do-live \
	do-picture do-uninstall do-unit do-valgrind

# --- building ---------------------------------------------------------------

.SUFFIXES:
.SUFFIXES: .c .o .lo .fuzz

.c.o:
	$(COMPILE) $(PIE_CFLAGS) $(DEPFLAGS) -c -o $@ $<

.c.lo:
	$(COMPILE) $(DEPFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

do-all: libfind.a $(SOLINK) $(TOOLS)

$(ALL_OBJS): config.mk $(DEPHDRS)

# What the compiler wrote down of the headers of each.
-include $(ALL_OBJS:=.d)

libfind.a: $(LIB_OBJS)
	rm -f $@
	$(AR) rc $@ $(LIB_OBJS)

$(SONAME): $(LIB_LOS) libfind/libfind.map
	$(LINK) $(SOFLAGS) -o $@ $(LIB_LOS) $(LIB_LIBS)

$(SOLINK): $(SONAME)
	ln -sf $(SONAME) $@

# Tools carry the library in them: they run where they were built, and a tool
# never meets a library of another version.
# Of tools/common.a a tool takes only the objects that it uses.
$(TOOLS): tools/common.a libfind.a
	$(LINK_PROGRAM) -o $@ $@.o tools/common.a libfind.a $(LIB_LIBS) \
	    $(JANSSON_LIBS)

tools/tunadd: tools/tunadd.o
tools/tuncheck: tools/tuncheck.o
tools/tunkill: tools/tunkill.o
tools/tunps: tools/tunps.o
tools/tunrun: tools/tunrun.o

tools/common.a: $(TOOL_SRCS:.c=.o)
	rm -f $@
	$(AR) rc $@ $(TOOL_SRCS:.c=.o)

# Tests see what the library hides, so they take its objects too.
tests/check: $(SUITE_OBJS) libfind.a
	$(LINK_PROGRAM) -o $@ $(SUITE_OBJS) libfind.a $(LIB_LIBS) $(CHECK_LIBS)

$(HELPERS): $(HELPERS:=.o) libfind.a
	$(LINK_PROGRAM) -o $@ $@.o libfind.a $(LIB_LIBS) $(JANSSON_LIBS)

$(BENCHES): $(BENCHES:=.o) libfind.a
	$(LINK_PROGRAM) -o $@ $@.o libfind.a $(LIB_LIBS)

tests/faults.so: tests/faults.lo
	$(LINK) -shared -o $@ tests/faults.lo -ldl

# The driver runs each file of a corpus once; 'make fuzz' puts libFuzzer in
# its place.
FUZZ_MAIN = tests/fuzz/driver.o
FUZZ_LDFLAGS =

.o.fuzz:
	$(LINK_PROGRAM) $(FUZZ_LDFLAGS) -o $@ $< $(FUZZ_MAIN) libfind.a $(LIB_LIBS)

$(FUZZERS): $(FUZZ_MAIN) libfind.a

# --- testing ----------------------------------------------------------------

# What needs a real ssh and sshd; 'make check LIVE=' goes without.
LIVE = tests/live/*.t
SCRIPTS = tests/bsd/*.t tests/tools/*.t

do-check: do-all $(UNIT) $(HELPERS) $(PRELOADS) $(FUZZERS)
	sh tests/run.sh $(LIVE) tests/check $(FUZZERS) $(SCRIPTS)

do-unit: $(UNIT) $(HELPERS) $(FUZZERS)
	sh tests/run.sh tests/check $(FUZZERS)

do-live: do-all $(HELPERS) $(PRELOADS)
	sh tests/run.sh $(LIVE)

# Other flags, other objects: sanitizers and fuzzers build in a copy.
do-asan:
	sh tests/tree.sh .build/asan
	cd .build/asan && ./configure $(CONFIGURE_ARGS) \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer $(SANITIZE)' && \
	    $(MAKE) check

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined

do-fuzz:
	MAKE='$(MAKE)' sh tests/fuzz.sh $(FUZZERS)

do-valgrind: $(UNIT) $(HELPERS) $(FUZZERS)
	CK_FORK=no TEST_WRAP='valgrind -q --leak-check=full --error-exitcode=9' \
	    sh tests/run.sh tests/check $(FUZZERS)

do-bench: do-all $(HELPERS) $(BENCHES)
	sh tests/bench/bench.sh

do-demo: do-all $(HELPERS)
	sh tests/demo.sh

# docs/tunps.svg, from a real run; as root.
do-picture: do-all
	sh tests/picture.sh

do-lint: do-all
	@SRCS='$(SRCS)' CPPFLAGS='$(ALL_CPPFLAGS)' sh tests/lint.sh

do-compdb:
	@for f in $(SRCS); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' \
		    "$${comma:-[}" "`pwd`" "$$f" '$(COMPILE) -c '"$$f"; \
		comma=,; \
	done >compile_commands.json
	@echo ']' >>compile_commands.json

# --- installing and releasing -----------------------------------------------

BASHDIR = $(DATADIR)/bash-completion/completions
ZSHDIR = $(DATADIR)/zsh/site-functions
FISHDIR = $(DATADIR)/fish/vendor_completions.d
PCDIR = $(LIBDIR)/pkgconfig

do-install: do-all
	for d in $(BINDIR) $(INCLUDEDIR) $(PCDIR) $(BASHDIR) $(ZSHDIR) \
	    $(FISHDIR) $(MANDIR)/man1 $(MANDIR)/man3 $(MANDIR)/man7; do \
		mkdir -p "$(DESTDIR)$$d" || exit 1; \
	done
	install -m 755 $(TOOLS) $(DESTDIR)$(BINDIR)
	install -m 644 libfind/libfind.h $(DESTDIR)$(INCLUDEDIR)
	install -m 644 libfind.a $(DESTDIR)$(LIBDIR)
	install -m 755 $(SONAME) $(DESTDIR)$(LIBDIR)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/$(SOLINK)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
	    -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LIBS@|$(LIB_LIBS)|' libfind/libfind.pc.in \
	    >$(DESTDIR)$(PCDIR)/libfind.pc
	install -m 644 $(MAN1) $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(MAN3) $(DESTDIR)$(MANDIR)/man3
	install -m 644 $(MAN7) $(DESTDIR)$(MANDIR)/man7
	for t in $(TOOLS); do \
		t=`basename $$t`; \
		install -m 644 completions/$$t.bash $(DESTDIR)$(BASHDIR)/$$t && \
		install -m 644 completions/_$$t $(DESTDIR)$(ZSHDIR) && \
		install -m 644 completions/$$t.fish $(DESTDIR)$(FISHDIR) || \
		    exit 1; \
	done

do-uninstall:
	for t in $(TOOLS); do \
		t=`basename $$t`; \
		rm -f $(DESTDIR)$(BINDIR)/$$t $(DESTDIR)$(BASHDIR)/$$t \
		    $(DESTDIR)$(ZSHDIR)/_$$t $(DESTDIR)$(FISHDIR)/$$t.fish; \
	done
	for f in $(MAN1) $(MAN3) $(MAN7); do \
		rm -f $(DESTDIR)$(MANDIR)/man?/`basename $$f`; \
	done
	rm -f $(DESTDIR)$(INCLUDEDIR)/libfind.h $(DESTDIR)$(LIBDIR)/libfind.a \
	    $(DESTDIR)$(LIBDIR)/$(SONAME) $(DESTDIR)$(LIBDIR)/$(SOLINK) \
	    $(DESTDIR)$(PCDIR)/libfind.pc

DIST = libfind-$(VERSION)

do-dist:
	rm -rf .build/$(DIST)
	sh tests/tree.sh .build/$(DIST)
	cd .build && tar -cf - $(DIST) | gzip -9 >../$(DIST).tar.gz

do-distcheck: do-dist
	MAKE='$(MAKE)' sh tests/distcheck.sh $(DIST)

# The Debian packages, from a copy of the sources.
deb-check:
	DEB=1 sh tests/run.sh tests/tools/package.t
