# Fuzzing with clang's libFuzzer: tests/fuzz/NAME_fuzz.cc, its small corpus tests/fuzz/corpus/NAME.
#
#   make fuzz                                 every target for FUZZ_SECONDS
#   make fuzz FUZZ_TARGETS=log FUZZ_SECONDS=600
#
# What is found on the way is kept in $(BUILD_ROOT)/fuzz/corpus and used again; an input that fails stands beside it.
# Run one input again: build/fuzz/log_fuzz FILE

FUZZ := $(BUILD_ROOT)/fuzz
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(patsubst tests/fuzz/%_fuzz.cc,%,$(sort $(wildcard tests/fuzz/*_fuzz.cc)))
FUZZ_FLAGS := -std=c++20 -g -O1 -fno-omit-frame-pointer -Isrc -Itests -MMD -MP -pthread -DBATON_NO_JEMALLOC -DBATON_VERSION='"$(VERSION)"' \
	-D_GLIBCXX_ASSERTIONS -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

# The layers that each target links with.
FUZZ_LAYERS_request_parser := base resp
FUZZ_LAYERS_manifest := base env data queue log
FUZZ_LAYERS_log := base env data queue log
FUZZ_DOUBLES := $(addprefix tests/doubles/,sim_file_system.cc)

$(FUZZ)/%.o: %.cc
	@mkdir -p $(@D)
	@echo "clang $<"
	$(Q)$(CCACHE) clang++ $(FUZZ_FLAGS) -c -o $@ $<

define fuzz_rule
$(FUZZ)/$(1)_fuzz: $(patsubst %.cc,$(FUZZ)/%.o,tests/fuzz/$(1)_fuzz.cc $(foreach layer,$(FUZZ_LAYERS_$(1)),$(call sources,$(layer))) $(if $(filter log,$(1)),$(FUZZ_DOUBLES)))
	@echo "link  $$@"
	$(Q)clang++ -fsanitize=fuzzer,address,undefined -pthread -o $$@ $$^ $(ABSL)
endef
$(foreach target,$(FUZZ_TARGETS),$(eval $(call fuzz_rule,$(target))))

.PHONY: fuzz fuzz-build
fuzz-build: $(patsubst %,$(FUZZ)/%_fuzz,$(FUZZ_TARGETS))
fuzz: deps-dev
	@$(MAKE) --no-print-directory -j$(JOBS) fuzz-build
	@set -e; for target in $(FUZZ_TARGETS); do \
	  mkdir -p $(FUZZ)/corpus/$$target tests/fuzz/corpus/$$target; \
	  echo "fuzz  $$target for $(FUZZ_SECONDS) s"; \
	  $(FUZZ)/$${target}_fuzz -max_total_time=$(FUZZ_SECONDS) -entropic=0 -print_final_stats=1 -verbosity=0 -timeout=20 -rss_limit_mb=2048 \
	    -artifact_prefix=$(FUZZ)/$$target- $(FUZZ)/corpus/$$target tests/fuzz/corpus/$$target; \
	done

-include $(shell find $(FUZZ) -name '*.d' 2> /dev/null)
