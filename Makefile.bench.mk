# Measuring: Baton and its peers side by side.

BENCH := $(BUILD_ROOT)/bench
$(BENCH)/%: tests/bench/%.cc
	@mkdir -p $(@D)
	@echo "c++   $<"
	$(Q)$(CCACHE) $(CXX) $(COMMON) -O2 -o $@ $< -luv

MICRO := $(patsubst tests/bench/micro/%.cc,$(BENCH)/%,$(wildcard tests/bench/micro/*.cc))
$(BENCH)/%_bench: tests/bench/micro/%_bench.cc $(call layer_objects,base env resp data log)
	@mkdir -p $(@D)
	@echo "c++   $<"
	$(Q)$(CCACHE) $(CXX) $(COMMON) -O2 -Itests -o $@ $^ -lbenchmark -lbenchmark_main $(ABSL) $(JEMALLOC)

.PHONY: bench bench-tools bench-flat bench-rewrite bench-load bench-leases bench-scale bench-readers bench-preallocated bench-micro
bench-tools: $(BENCH)/load $(BENCH)/floor_server
# ARGS are the script's: make bench ARGS=--help shows them.
define bench_rule
$(1): all deps-bench
	@$$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/$(2).py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $$(ARGS)
endef
$(eval $(call bench_rule,bench,bench))
$(eval $(call bench_rule,bench-flat,flat))
$(eval $(call bench_rule,bench-rewrite,rewrite))
$(eval $(call bench_rule,bench-load,load_log))
$(eval $(call bench_rule,bench-leases,leases))
$(eval $(call bench_rule,bench-scale,scale))
$(eval $(call bench_rule,bench-readers,readers))
# ARGS: how many syncs of each kind and size. DIRECTORY: on the disk to be measured.
bench-preallocated: deps-bench $(BENCH)/preallocated
	@mkdir -p $(or $(DIRECTORY),$(BENCH)/disk)
	@$(BENCH)/preallocated $(or $(DIRECTORY),$(BENCH)/disk) $(ARGS)
bench-micro: deps-bench $(MICRO)
	@set -e; for bench in $(MICRO); do $$bench; done
