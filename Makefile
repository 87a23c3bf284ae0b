# Baton. The targets that people type:
#   make            the release binary, build/baton-server (installs missing packages first)
#   make run        build and start on conf/baton.conf
#   make test       all set-up and the tests (release, then address+undefined-behaviour sanitizers)
#   make help       the rest
#
# VARIANT=release|debug|asan|tsan   BUILD_ROOT=where objects go   V=1 shows commands

SHELL := /bin/bash
VARIANT ?= release
BUILD_ROOT ?= build
BUILD := $(BUILD_ROOT)/$(VARIANT)
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := $(shell cat VERSION)
JOBS ?= $(shell nproc)

CXX := g++
CCACHE := $(shell command -v ccache)
export CCACHE_SLOPPINESS := pch_defines,time_macros
WARNINGS := -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-align=strict -Winvalid-pch -Werror
# With -g1 a trace has its names and lines; VARIANT=debug is for looking at values.
COMMON := -std=c++20 -g1 -fno-omit-frame-pointer -Isrc $(WARNINGS) -MMD -MP -pthread -DBATON_VERSION='"$(VERSION)"'
FLAGS_release := -O2 -DNDEBUG
FLAGS_debug := -O0 -g -D_GLIBCXX_ASSERTIONS
# xxhash.h insists on inlining that -Og does not do.
FLAGS_asan := -Og -fsanitize=address,undefined -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS -DBATON_NO_JEMALLOC -DXXH_NO_INLINE_HINTS=1
FLAGS_tsan := -O1 -fsanitize=thread -DBATON_NO_JEMALLOC
CXXFLAGS := $(COMMON) $(FLAGS_$(VARIANT))
LDFLAGS := $(filter -fsanitize=%,$(FLAGS_$(VARIANT))) -pthread
JEMALLOC := $(if $(findstring BATON_NO_JEMALLOC,$(FLAGS_$(VARIANT))),,-ljemalloc)
ABSL := -labsl_raw_hash_set -labsl_hash -labsl_city -labsl_low_level_hash -labsl_hashtablez_sampler -labsl_throw_delegate -labsl_raw_logging_internal
LIBS := -luv $(ABSL) $(JEMALLOC)
Q := $(if $(V),,@)

# Layers, in the order in which they may include each other; each links with those it names.
LAYERS := base config env resp data queue log commands server net
USES_base := base
USES_config := base config
USES_env := base env
USES_resp := base resp
USES_data := base data
USES_queue := base data queue
USES_log := base env data queue log
USES_commands := base config env resp data queue log commands
USES_server := base config env resp data queue log commands server

sources = $(sort $(wildcard src/$(1)/*.cc))
objects = $(patsubst %.cc,$(BUILD)/%.o,$(1))
layer_objects = $(foreach layer,$(1),$(call objects,$(call sources,$(layer))))

SERVER_OBJECTS := $(call layer_objects,$(LAYERS)) $(BUILD)/src/main.o
# A library, so that a unit test links only with the doubles that it names.
DOUBLES := $(BUILD)/doubles.a

.PHONY: all server help
all: deps-build
	@$(MAKE) --no-print-directory -j$(JOBS) server
server: $(BUILD)/baton-server $(BUILD)/baton-check-aof
ifeq ($(VARIANT),release)
	@ln -sfn release/baton-server $(BUILD_ROOT)/baton-server
	@ln -sfn release/baton-check-aof $(BUILD_ROOT)/baton-check-aof
endif

$(BUILD)/baton-server: $(SERVER_OBJECTS)
	@echo "link  $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(LIBS)

# Half of a cold build went into reading headers of others, so those that most files include are compiled beforehand: $(1) with
# the flags $(2), for the objects of the folders $(3). No file may lean on that: make lint goes without.
define objects_rule
$(BUILD)/$(1).gch: $(1) Makefile VERSION | deps-build
	@mkdir -p $$(@D)
	@echo "c++   $$<"
	$$(Q)$$(CCACHE) $$(CXX) $$(CXXFLAGS) $(2) -x c++-header -c -o $$@ $$<
$(call objects,$(shell find $(3) -name '*.cc')): $(BUILD)/%.o: %.cc $(BUILD)/$(1).gch
	@mkdir -p $$(@D)
	@echo "c++   $$<"
	$$(Q)$$(CCACHE) $$(CXX) $$(CXXFLAGS) $(2) -include $(BUILD)/$(1) -c -o $$@ $$<
endef
$(eval $(call objects_rule,src/precompiled.h,-fno-exceptions,src tools))
# Most tests run once, so optimising them takes longer than it saves; not so where servers live hundreds of thousands of
# lives. What each pointer costs the undefined-behaviour sanitizer is spent on src only.
TEST_FLAGS := -Itests -fno-sanitize=null,alignment,vptr
$(eval $(call objects_rule,tests/unit/precompiled.h,$(TEST_FLAGS) -O0,tests/unit tests/system))
$(eval $(call objects_rule,tests/doubles/precompiled.h,$(TEST_FLAGS) -Og,tests/doubles tests/protocol tests/crash))

$(DOUBLES): $(call objects,$(sort $(wildcard tests/doubles/*.cc)))
	@rm -f $@
	$(Q)ar rcs $@ $^

# Unit tests mirror src/: tests/unit/data links with the layers below data only, and so on.
define unit_rule
UNIT_$(1) := $$(call objects,$$(sort $$(wildcard tests/unit/$(1)/*_test.cc)))
$(BUILD)/unit_$(1): $(call layer_objects,$(USES_$(1))) $$(UNIT_$(1)) $$(DOUBLES)
	@echo "link  $$@"
	$(Q)$(CXX) $(LDFLAGS) -o $$@ $$^ -lgtest_main -lgtest $(ABSL) $(JEMALLOC)
.PHONY: unit-$(1)
unit-$(1): $(BUILD)/unit_$(1)
	$$<
endef
UNIT_LAYERS := $(filter $(notdir $(wildcard tests/unit/*)),base config env resp data queue log commands)
$(foreach layer,$(UNIT_LAYERS),$(eval $(call unit_rule,$(layer))))

# Protocol tests (transcripts) and crash tests hold a whole server without sockets.
PROTOCOL_OBJECTS := $(call objects,$(sort $(wildcard tests/protocol/*.cc)))
$(BUILD)/protocol_tests: $(call layer_objects,$(USES_server)) $(PROTOCOL_OBJECTS) $(DOUBLES)
	@echo "link  $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ -lgtest_main -lgtest $(ABSL) $(JEMALLOC)

CRASH_OBJECTS := $(call objects,$(sort $(wildcard tests/crash/*.cc)))
$(BUILD)/crash_tests: $(call layer_objects,$(USES_server)) $(CRASH_OBJECTS) $(DOUBLES)
	@echo "link  $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ -lgtest_main -lgtest $(ABSL) $(JEMALLOC)

# Tools.
$(BUILD)/baton-check-aof: $(call objects,$(sort $(wildcard tools/check_aof*.cc))) $(call layer_objects,$(USES_server))
	@echo "link  $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(ABSL) $(JEMALLOC)

.PHONY: deps-build deps-test deps-bench deps-dev
deps-build:
	@deps/install.sh build
deps-test: deps-build
	@deps/install.sh test
deps-bench: deps-test
	@deps/install.sh bench
deps-dev: deps-build
	@deps/install.sh dev

.PHONY: run clean
run: all
	$(BUILD_ROOT)/baton-server conf/baton.conf
clean:
	rm -rf $(BUILD_ROOT)

include $(wildcard Makefile.*.mk)
-include $(shell find $(BUILD) -name '*.d' 2> /dev/null)
