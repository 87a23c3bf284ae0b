#pragma once

#include <functional>
#include <memory>

#include "data/keyspace.h"
#include "log/log.h"

namespace baton {

// The data that the log makes, built as a start builds them; so what does not fit shows.
class CheckedData final : public ReplayTarget {
 public:
  using OnProgress = std::function<void(uint64_t bytes_done, uint64_t bytes_total)>;
  // The number of databases is the server's to choose, not the log's.
  static constexpr uint32_t kDatabases = 1024;

  // `holds_data`: else bytes and checks are all that is looked at, and everything fits.
  CheckedData(bool holds_data, OnProgress on_progress);
  ~CheckedData() override;

  ApplyOutcome Replay(const Mutation& mutation) override;
  KeyRef Ref(std::string_view name) override;
  Status ReplayForeign(uint32_t db, std::span<const std::string_view> argv) override;
  void Progress(uint64_t bytes_done, uint64_t bytes_total) override { on_progress_(bytes_done, bytes_total); }

  Keyspace& keyspace() { return keyspace_; }
  bool holds_data() const { return holds_data_; }
  uint32_t highest_db() const { return highest_db_; }
  // Commands that are not in the log's own vocabulary.
  uint64_t foreign_commands() const { return foreign_commands_; }

 private:
  const bool holds_data_;
  const OnProgress on_progress_;
  Keyspace keyspace_;
  uint32_t highest_db_ = 0;
  uint64_t foreign_commands_ = 0;
};

}  // namespace baton
