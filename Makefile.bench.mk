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
# ARGS: --row NAME (again for more), --pairs N, --json FILE, --chart FILE
bench: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/bench.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
bench-flat: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/flat.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
bench-rewrite: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/rewrite.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
bench-load: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/load_log.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
bench-leases: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/leases.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
bench-scale: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/scale.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
bench-readers: all deps-bench
	@$(MAKE) --no-print-directory bench-tools
	@python3 tests/bench/readers.py --baton $(BUILD_ROOT)/baton-server --tools $(BENCH) $(ARGS)
# ARGS: how many syncs of each kind and size. DIRECTORY: on the disk to be measured.
bench-preallocated: deps-bench $(BENCH)/preallocated
	@mkdir -p $(or $(DIRECTORY),$(BENCH)/disk)
	@$(BENCH)/preallocated $(or $(DIRECTORY),$(BENCH)/disk) $(ARGS)
bench-micro: deps-bench $(MICRO)
	@set -e; for bench in $(MICRO); do $$bench; done
