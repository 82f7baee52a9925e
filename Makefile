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
	platform/common/bag.c \
	platform/common/bound_file.c \
	platform/common/cgroup_path.c \
	platform/common/failure.c \
	platform/common/interface.c \
	platform/compat/compat.c \
	platform/compat/confine.c \
	platform/exit_wait.c \
	platform/plat.c \
	platform/record/table.c \
	platform/record/table_fields.c \
	platform/record/table_read.c \
	platform/record/table_write.c \
	platform/record/trace.c \
	$(PLAT_SRCS) \
	libfind/act/can_open.c \
	libfind/act/cleanup.c \
	libfind/act/probe.c \
	libfind/act/reach.c \
	libfind/act/round_trip.c \
	libfind/act/signal.c \
	libfind/act/stop.c \
	libfind/core/accessors.c \
	libfind/core/addr.c \
	libfind/core/arena.c \
	libfind/core/asuser.c \
	libfind/core/command.c \
	libfind/core/ctx.c \
	libfind/core/dial.c \
	libfind/core/evidence.c \
	libfind/core/list.c \
	libfind/core/look.c \
	libfind/core/names.c \
	libfind/core/resolve.c \
	libfind/core/row.c \
	libfind/core/socket.c \
	libfind/core/user.c \
	libfind/journal/file.c \
	libfind/journal/journal.c \
	libfind/journal/line.c \
	libfind/journal/records.c \
	libfind/lost.c \
	libfind/mux/control_listeners.c \
	libfind/mux/directory.c \
	libfind/mux/master_set.c \
	libfind/mux/masters.c \
	libfind/mux/masters_ask.c \
	libfind/mux/mux.c \
	libfind/mux/mux_wire.c \
	libfind/mux/open_channels.c \
	libfind/mux/places.c \
	libfind/permit/accounts.c \
	libfind/permit/cert.c \
	libfind/permit/key_blob.c \
	libfind/permit/key_file.c \
	libfind/permit/key_line.c \
	libfind/permit/methods.c \
	libfind/permit/pam.c \
	libfind/permit/pattern.c \
	libfind/permit/permit.c \
	libfind/permit/revoked.c \
	libfind/permit/rulings.c \
	libfind/permit/sshd_ask.c \
	libfind/permit/sshd_settings.c \
	libfind/permit/trusted_ca.c \
	libfind/process/ancestry.c \
	libfind/process/candidates.c \
	libfind/process/config_answers.c \
	libfind/process/descendants.c \
	libfind/process/facts.c \
	libfind/process/from_clients.c \
	libfind/process/from_journal.c \
	libfind/process/jump_helpers.c \
	libfind/process/jump_hosts.c \
	libfind/process/proxy_commands.c \
	libfind/process/sshd_session.c \
	libfind/process/starter.c \
	libfind/process/unit.c \
	libfind/process/unit_share.c \
	libfind/record.c \
	libfind/scan.c \
	libfind/sockets/bind_addr.c \
	libfind/sockets/channels.c \
	libfind/sockets/control.c \
	libfind/sockets/device.c \
	libfind/sockets/held.c \
	libfind/sockets/join.c \
	libfind/sockets/leads_back.c \
	libfind/sockets/listener_owner.c \
	libfind/sockets/listening.c \
	libfind/sockets/match.c \
	libfind/sockets/path.c \
	libfind/sockets/peers.c \
	libfind/sockets/port_index.c \
	libfind/sockets/port_owner.c \
	libfind/sockets/sample.c \
	libfind/sockets/sockset.c \
	libfind/sockets/sshd.c \
	libfind/sockets/told.c \
	libfind/sockets/transport.c \
	libfind/sockets/unexplained.c \
	libfind/ssh/before_run.c \
	libfind/ssh/cmdline.c \
	libfind/ssh/config.c \
	libfind/ssh/dropbear.c \
	libfind/ssh/export.c \
	libfind/ssh/export_config.c \
	libfind/ssh/export_text.c \
	libfind/ssh/export_unit.c \
	libfind/ssh/forward.c \
	libfind/ssh/keyword.c \
	libfind/ssh/parser.c \
	libfind/ssh/title.c \
	libfind/ssh/wrapper.c \
	libfind/verdict/forward_text.c \
	libfind/verdict/health.c \
	libfind/verdict/id.c \
	libfind/verdict/origin.c \
	libfind/verdict/select.c \
	libfind/verdict/select_end.c \
	libfind/verdict/verdict.c

TOOLS = \
	tools/tunadd \
	tools/tuncheck \
	tools/tunkill \
	tools/tunpermit \
	tools/tunps \
	tools/tunrun

# What the tools are made of, besides their main programs.
TOOL_SRCS = \
	tools/add/can_add.c \
	tools/add/find_master.c \
	tools/add/who_listens.c \
	tools/check/answers.c \
	tools/common/cell.c \
	tools/common/color.c \
	tools/common/fit.c \
	tools/common/foreign.c \
	tools/common/grid.c \
	tools/common/holder.c \
	tools/common/hosts.c \
	tools/common/identity.c \
	tools/common/journal_use.c \
	tools/common/json.c \
	tools/common/options.c \
	tools/common/out.c \
	tools/common/out_json.c \
	tools/common/pick.c \
	tools/common/readings.c \
	tools/common/rows.c \
	tools/common/screen.c \
	tools/common/sshname.c \
	tools/common/times.c \
	tools/common/tool.c \
	tools/common/unmatched.c \
	tools/kill/act.c \
	tools/kill/came_back.c \
	tools/kill/can_close.c \
	tools/kill/close.c \
	tools/kill/dead_sockets.c \
	tools/kill/ended.c \
	tools/kill/hold.c \
	tools/kill/operands.c \
	tools/kill/plan.c \
	tools/kill/reasons.c \
	tools/kill/report.c \
	tools/kill/report_json.c \
	tools/kill/report_peers.c \
	tools/kill/signal_names.c \
	tools/kill/unseen.c \
	tools/permit/permits.c \
	$(DISPLAY_SRCS) \
	tools/ps/choose.c \
	tools/ps/clipboard.c \
	tools/ps/end_row.c \
	tools/ps/exit_status.c \
	tools/ps/helper.c \
	tools/ps/lost_list.c \
	tools/ps/metrics.c \
	tools/ps/nothing.c \
	tools/ps/on_change.c \
	tools/ps/out_complete.c \
	tools/ps/out_export.c \
	tools/ps/out_tree.c \
	tools/ps/past.c \
	tools/ps/ps.c \
	tools/ps/record_file.c \
	tools/ps/rounds.c \
	tools/ps/screen_draw.c \
	tools/ps/screen_end.c \
	tools/ps/screen_keys.c \
	tools/ps/screen_line.c \
	tools/ps/screen_list.c \
	tools/ps/screen_look.c \
	tools/ps/screen_run.c \
	tools/ps/screen_side.c \
	tools/ps/screen_text.c \
	tools/ps/terminal.c \
	tools/ps/watch.c \
	tools/ps/watching.c \
	tools/run/again.c \
	tools/run/again_lock.c \
	tools/run/again_order.c \
	tools/run/again_start.c \
	tools/run/auto_port.c \
	tools/run/give_up.c \
	tools/run/judge.c \
	tools/run/keep.c \
	tools/run/outcome.c \
	tools/run/reaper.c \
	tools/run/recipe.c \
	tools/run/remarks.c \
	tools/run/remember.c \
	tools/run/run.c \
	tools/run/started.c \
	tools/run/words.c

HDRS = \
	config.h \
	libfind/act/reach.h \
	libfind/act/round_trip.h \
	libfind/core/asuser.h \
	libfind/core/core.h \
	libfind/core/dial.h \
	libfind/core/resolve.h \
	libfind/core/socket.h \
	libfind/journal/journal.h \
	libfind/libfind.h \
	libfind/mux/directory.h \
	libfind/mux/masters.h \
	libfind/mux/mux.h \
	libfind/mux/mux_wire.h \
	libfind/permit/permit.h \
	libfind/permit/sshd_ask.h \
	libfind/process/process.h \
	libfind/sockets/join.h \
	libfind/sockets/sockets.h \
	libfind/ssh/export.h \
	libfind/ssh/parser.h \
	libfind/ssh/ssh.h \
	libfind/verdict/select.h \
	libfind/verdict/verdict.h \
	platform/bsd/sysctl.h \
	platform/common/bag.h \
	platform/common/cgroup_path.h \
	platform/compat/array.h \
	platform/compat/base_name.h \
	platform/compat/compat.h \
	platform/compat/groups.h \
	platform/compat/ms.h \
	platform/impl.h \
	platform/linux/guard.h \
	platform/linux/linux.h \
	platform/linux/sock.h \
	platform/platform.h \
	platform/record/table.h \
	tools/add/add.h \
	tools/check/check.h \
	tools/common/color.h \
	tools/common/foreign.h \
	tools/common/grid.h \
	tools/common/holder.h \
	tools/common/hosts.h \
	tools/common/journal_use.h \
	tools/common/json.h \
	tools/common/options.h \
	tools/common/out.h \
	tools/common/pick.h \
	tools/common/readings.h \
	tools/common/sshname.h \
	tools/common/tool.h \
	tools/common/unmatched.h \
	tools/kill/act.h \
	tools/kill/dead_sockets.h \
	tools/kill/operands.h \
	tools/kill/plan.h \
	tools/kill/report.h \
	tools/kill/signal_names.h \
	tools/permit/permits.h \
	tools/ps/clipboard.h \
	tools/ps/display.h \
	tools/ps/end_row.h \
	tools/ps/exit_status.h \
	tools/ps/helper.h \
	tools/ps/lost_list.h \
	tools/ps/metrics.h \
	tools/ps/nothing.h \
	tools/ps/on_change.h \
	tools/ps/past.h \
	tools/ps/ps.h \
	tools/ps/record_file.h \
	tools/ps/rounds.h \
	tools/ps/screen.h \
	tools/ps/screen_line.h \
	tools/ps/screen_list.h \
	tools/ps/screen_side.h \
	tools/ps/screen_text.h \
	tools/ps/terminal.h \
	tools/ps/watch.h \
	tools/run/again.h \
	tools/run/reaper.h \
	tools/run/run.h

MAN1 = \
	tools/tunadd.1 \
	tools/tuncheck.1 \
	tools/tunkill.1 \
	tools/tunpermit.1 \
	tools/tunps.1 \
	tools/tunrun.1
MAN3 = \
	libfind/libfind.3 \
	libfind/tun_check.3 \
	libfind/tun_forward.3 \
	libfind/tun_journal.3 \
	libfind/tun_masters.3 \
	libfind/tun_permit.3 \
	libfind/tun_scan.3 \
	libfind/tun_select.3 \
	libfind/tun_signal.3
MAN7 = \
	tools/tunnels.7

# One Suite a file, see tests/tests.h.
SUITE_SRCS = \
	tests/main.c \
	tests/libfind/accessors.c \
	tests/libfind/addr.c \
	tests/libfind/arena.c \
	tests/libfind/bind_addr.c \
	tests/libfind/candidates.c \
	tests/libfind/channels.c \
	tests/libfind/cmdline.c \
	tests/libfind/config.c \
	tests/libfind/control.c \
	tests/libfind/descendants.c \
	tests/libfind/device.c \
	tests/libfind/export.c \
	tests/libfind/fakemaster.c \
	tests/libfind/fakesocks.c \
	tests/libfind/forward.c \
	tests/libfind/health.c \
	tests/libfind/held.c \
	tests/libfind/id.c \
	tests/libfind/join.c \
	tests/libfind/journal.c \
	tests/libfind/key_line.c \
	tests/libfind/list.c \
	tests/libfind/listener_owner.c \
	tests/libfind/masters.c \
	tests/libfind/match.c \
	tests/libfind/mux.c \
	tests/libfind/open_channels.c \
	tests/libfind/origin.c \
	tests/libfind/path.c \
	tests/libfind/pattern.c \
	tests/libfind/peers.c \
	tests/libfind/port_owner.c \
	tests/libfind/reach.c \
	tests/libfind/resolve.c \
	tests/libfind/scan.c \
	tests/libfind/select.c \
	tests/libfind/signal.c \
	tests/libfind/sockset.c \
	tests/libfind/sshd.c \
	tests/libfind/sshd_settings.c \
	tests/libfind/stop.c \
	tests/libfind/told.c \
	tests/libfind/transport.c \
	tests/libfind/unexplained.c \
	tests/libfind/verdict.c \
	tests/platform/confine.c \
	tests/platform/guard.c \
	tests/platform/mounts.c \
	tests/platform/netlink.c \
	tests/platform/plat.c \
	tests/platform/port_filter.c \
	tests/platform/table.c

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
	tests/fuzz/channels.fuzz \
	tests/fuzz/cmdline.fuzz \
	tests/fuzz/config.fuzz \
	tests/fuzz/forward.fuzz \
	tests/fuzz/journal.fuzz \
	tests/fuzz/mux.fuzz \
	tests/fuzz/permit.fuzz \
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

INCLUDES = -I. -Ilibfind -Iplatform -Itools -Itests
ALL_CPPFLAGS = $(INCLUDES) $(FEATURES) $(LIB_CFLAGS) $(JANSSON_CFLAGS) \
	$(CHECK_CFLAGS) $(CURSES_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS = -std=c99 $(WARN) $(HARDEN) $(CFLAGS)
COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
LINK = $(CC) $(ALL_CFLAGS) $(LDFLAGS)
LINK_PROGRAM = $(LINK) $(PIE_LDFLAGS)

# --- what a user asks for ---------------------------------------------------

all asan bench check compdb cookbook demo dist distcheck flaky fuzz install lint \
live picture uninstall unit valgrind: config
	@GNUMAKEFLAGS=--no-print-directory $(MAKE) SERIAL=.PHONY do-$@

# config.log, not config.mk, tells when ./configure last ran: config.mk keeps
# its date when nothing changed.
config:
	@test -f config.mk && test -n "`find config.log -newer configure`" || \
	    ./configure $(CONFIGURE_ARGS)

# Install what a build and its tests need, or lint, fuzz, systems and valgrind;
# as root or with sudo.
deps:
	sh tests/deps.sh build

deps-lint:
	sh tests/deps.sh lint

# All tests on other releases of Debian, each in a root of its own; as root.
systems:
	sh tests/systems/systems.sh $(SYSTEMS)

# Another libc, other processors, other releases of procps.
cross:
	sh tests/cross.sh $(TARGETS)
	sh tests/procps.sh

clean:
	rm -f libfind.a libfind.so* libfind*.dylib tools/common.a
	rm -f compile_commands.json
	rm -f $(TOOLS) tests/check $(HELPERS) $(FUZZERS) $(BENCHES)
	rm -f $(PRELOAD_SRCS:.c=.so)
	rm -f */*.o */*.lo */*.d */*/*.o */*/*.lo */*/*.d
	rm -rf .build

distclean: clean
	rm -f config.h config.log config.mk

SERIAL = .NOTPARALLEL
$(SERIAL):
.PHONY: all asan bench check clean compdb config cookbook cross deb-check demo \
	deps deps-lint dist distcheck distclean flaky fuzz install lint live \
	picture systems uninstall unit valgrind do-all do-asan do-bench \
	do-check do-compdb do-cookbook do-demo do-dist do-distcheck do-flaky \
	do-fuzz do-install do-lint do-live do-picture do-uninstall do-unit \
	do-valgrind

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
	    $(JANSSON_LIBS) $(CURSES_LIBS)

tools/tunadd: tools/tunadd.o
tools/tuncheck: tools/tuncheck.o
tools/tunkill: tools/tunkill.o
tools/tunpermit: tools/tunpermit.o
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
	sh tests/run.sh tests/check $(SCRIPTS) $(LIVE) $(FUZZERS)

do-unit: $(UNIT) $(HELPERS) $(FUZZERS)
	sh tests/run.sh tests/check $(FUZZERS)

do-live: do-all $(HELPERS) $(PRELOADS)
	sh tests/run.sh $(LIVE)

do-flaky: do-all
	MAKE='$(MAKE)' sh tests/flaky.sh

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

# docs/architecture.svg, from the objects; docs/tunps.svg, from a real run, as
# root.
do-picture: do-all
	sh tests/architecture.sh >docs/architecture.svg
	sh tests/picture.sh

# docs/cookbook.md, likewise.
do-cookbook: do-all $(HELPERS)
	sh tests/cookbook.sh >docs/cookbook.new || \
	    { rm -f docs/cookbook.new; exit 1; }
	mv docs/cookbook.new docs/cookbook.md

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
	install -m 644 completions/_tun $(DESTDIR)$(ZSHDIR)
	for t in $(TOOLS); do \
		t=`basename $$t`; \
		install -m 644 completions/tun.bash \
		    $(DESTDIR)$(BASHDIR)/$$t && \
		install -m 644 completions/tun.fish \
		    $(DESTDIR)$(FISHDIR)/$$t.fish || exit 1; \
	done

do-uninstall:
	for t in $(TOOLS); do \
		t=`basename $$t`; \
		rm -f $(DESTDIR)$(BINDIR)/$$t $(DESTDIR)$(BASHDIR)/$$t \
		    $(DESTDIR)$(FISHDIR)/$$t.fish; \
	done
	rm -f $(DESTDIR)$(ZSHDIR)/_tun
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
