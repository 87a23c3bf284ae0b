#include "check_aof_data.h"

#include <algorithm>
#include <random>

namespace baton {
namespace {

uint64_t RandomSeed() {
  std::random_device entropy;
  return (uint64_t{entropy()} << 32) | entropy();
}

}  // namespace

CheckedData::CheckedData(bool holds_data, OnProgress on_progress)
    : holds_data_(holds_data), on_progress_(std::move(on_progress)), keyspace_(kDatabases, RandomSeed()) {}

CheckedData::~CheckedData() = default;

KeyRef CheckedData::Ref(std::string_view name) { return holds_data_ ? keyspace_.Ref(name) : KeyRef{name, 0}; }

ApplyOutcome CheckedData::Replay(const Mutation& mutation) {
  if (!holds_data_) return ApplyOutcome::kChanged;
  highest_db_ = std::max({highest_db_, mutation.db, mutation.other_db});
  const ApplyOutcome outcome = keyspace_.Apply(mutation, 0);
  keyspace_.FreeSome(64);
  // What a command of another vocabulary did is not known here, so what comes after it is not judged.
  if (outcome == ApplyOutcome::kDoesNotFit && foreign_commands_ > 0) return ApplyOutcome::kNothing;
  return outcome;
}

Status CheckedData::ReplayForeign(uint32_t, std::span<const std::string_view>) {
  ++foreign_commands_;
  return Status::Ok();
}

}  // namespace baton
