# Installing, formatting, linting, and the pages that are made from the code.
#
# SYSCONFDIR, UNITDIR, SYSUSERSDIR and TMPFILESDIR follow from PREFIX; packagers set PREFIX=/usr and DESTDIR.

SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
STATEDIR ?= /var/lib/baton
fill_in = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' -e 's|@STATEDIR@|$(STATEDIR)|g'

.PHONY: install uninstall
# A configuration that is already there is kept: the new one goes beside it.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(SYSCONFDIR)/baton $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSUSERSDIR) \
	  $(DESTDIR)$(TMPFILESDIR)
	install -m 755 $(BUILD_ROOT)/release/baton-server $(BUILD_ROOT)/release/baton-check-aof $(DESTDIR)$(PREFIX)/bin
	conf=$(DESTDIR)$(SYSCONFDIR)/baton/baton.conf; [ ! -e $$conf ] || conf=$$conf.new; \
	  sed -e 's|^dir .*|dir $(STATEDIR)|' -e 's|^supervised .*|supervised systemd|' conf/baton.conf > $$conf
	$(fill_in) tools/baton.service > $(DESTDIR)$(UNITDIR)/baton.service
	$(fill_in) tools/baton.sysusers > $(DESTDIR)$(SYSUSERSDIR)/baton.conf
	$(fill_in) tools/baton.tmpfiles > $(DESTDIR)$(TMPFILESDIR)/baton.conf
	@echo "To run it as a service: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload &&"
	@echo "systemctl enable --now baton"
# What install put there; configuration and data stay.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/baton-server $(DESTDIR)$(PREFIX)/bin/baton-check-aof $(DESTDIR)$(UNITDIR)/baton.service \
	  $(DESTDIR)$(SYSUSERSDIR)/baton.conf $(DESTDIR)$(TMPFILESDIR)/baton.conf

CXX_FILES = $(shell find src tests tools -name '*.cc' -o -name '*.h')

.PHONY: format lint
format: deps-dev
	clang-format -i $(CXX_FILES)
# One process per file; FILES=src/config/config.cc looks at that one only.
lint: FILES ?= $(sort $(shell find src tools -name '*.cc'))
lint: deps-dev
	@echo $(FILES) | xargs -n 1 -P $(JOBS) sh -c \
	  'echo "tidy  $$0"; clang-tidy --quiet --config-file=.clang-tidy --warnings-as-errors="*" $$0 -- -std=c++20 -Isrc -pthread \
	   -DBATON_VERSION="\"$(VERSION)\"" 2> /dev/null'

.PHONY: docs docs-check
# conf/baton.conf and the README's table of commands are printed by the server itself.
docs: all
	tools/docs.sh $(BUILD_ROOT)/release/baton-server
docs-check: all
	tools/docs.sh --check $(BUILD_ROOT)/release/baton-server

help:
	@echo "make                the release binaries: $(BUILD_ROOT)/baton-server and $(BUILD_ROOT)/baton-check-aof"
	@echo "make run            build, and start on conf/baton.conf"
	@echo "make test           every set-up step and the tests: release, then address and undefined-behaviour sanitizers"
	@echo "make test-all       also the thread sanitizer and the longer campaigns"
	@echo "make unit-LAYER     the unit tests of one layer of src/, for example unit-config"
	@echo "make bench          Baton beside its peers; ARGS='--row NAME --pairs N --json FILE --chart FILE'"
	@echo "make install        to PREFIX (now $(PREFIX)), below DESTDIR; uninstall takes it away again"
	@echo "make docs           write conf/baton.conf and the README's table of commands again; docs-check compares"
	@echo "make format lint    clang-format, clang-tidy"
	@echo "make clean          remove $(BUILD_ROOT)"
	@echo "VARIANT=release|debug|asan|tsan   BUILD_ROOT=directory   JOBS=processes   V=1 shows commands"
