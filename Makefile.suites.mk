# Testing: which suites there are, and how much each does in which set, is told in tests/run_all.py.

UNIT_TESTS := $(addprefix $(BUILD)/unit_,$(UNIT_LAYERS))
RUN_ALL := python3 tests/run_all.py --build-root $(BUILD_ROOT)

# Talks to a server through the reference client, so nothing of ours is linked in.
$(BUILD)/hiredis_test: $(BUILD)/tests/system/hiredis_test.o
	@echo "link  $@"
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ -lhiredis -lgtest

# A disk whose syncs are as slow as a test says.
$(BUILD)/slow_disk.so: tests/support/slow_disk.c
	@mkdir -p $(@D)
	@echo "cc    $<"
	$(Q)$(CC) -shared -fPIC -O2 -Wall -Wextra -Werror -o $@ $< -ldl

.PHONY: suites-build test test-all torture
# Everything that the suites run, of one VARIANT.
suites-build: server $(UNIT_TESTS) $(BUILD)/protocol_tests $(BUILD)/crash_tests $(BUILD)/hiredis_test $(BUILD)/slow_disk.so

# ARGS: --only NAME, --variants release,asan
test: deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release suites-build
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=asan suites-build
	@$(RUN_ALL) $(ARGS)
test-all: deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release suites-build
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=asan suites-build
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=tsan suites-build
	@$(RUN_ALL) --set all $(ARGS)
# Simulated crashes and kill -9, for as long as it takes. BATON_SEED=N repeats a simulated campaign.
torture: deps-test
	@$(MAKE) --no-print-directory -j$(JOBS) VARIANT=release suites-build
	@$(RUN_ALL) --set torture $(ARGS)
