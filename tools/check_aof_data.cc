#include "check_aof_data.h"

#include <algorithm>
#include <random>

namespace baton {
namespace {

constexpr size_t kNodesFreedAtOnce = 64;

uint64_t RandomSeed() {
  std::random_device entropy;
  return (uint64_t{entropy()} << 32) | entropy();
}

}  // namespace

CheckedData::CheckedData(bool holds_data, FileSystem& files, OnProgress on_progress)
    : holds_data_(holds_data),
      on_progress_(std::move(on_progress)),
      logger_(LogLevel::kWarning, [](LogLevel, std::string_view) {}) {
  const std::vector<std::string> options = {"--appendonly", "no", "--databases", std::to_string(kDatabases)};
  const Status loaded = config_.LoadArguments(options, nullptr);
  CHECK(loaded.ok());
  server_ = std::make_unique<Server>(
      Server::Parts{config_, files, clock_, jobs_, jobs_, logger_, RandomSeed(), ServerFacts{}});
  const auto started = server_->Start(nullptr);
  CHECK(started.ok());
}

KeyRef CheckedData::Ref(std::string_view name) { return holds_data_ ? keyspace().Ref(name) : KeyRef{name, 0}; }

ApplyOutcome CheckedData::Replay(const Mutation& mutation) {
  highest_db_ = std::max({highest_db_, mutation.db, mutation.other_db});
  if (!holds_data_) return ApplyOutcome::kChanged;
  const ApplyOutcome outcome = server_->Replay(mutation);
  keyspace().FreeSome(kNodesFreedAtOnce);
  return outcome;
}

Status CheckedData::ReplayForeign(uint32_t db, std::span<const std::string_view> argv) {
  highest_db_ = std::max(highest_db_, db);
  if (!holds_data_) return Status::Ok();
  const Status status = server_->ReplayForeign(db, argv);
  keyspace().FreeSome(kNodesFreedAtOnce);
  return status;
}

}  // namespace baton
