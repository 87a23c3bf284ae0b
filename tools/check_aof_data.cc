#include "check_aof_data.h"

#include <algorithm>
#include <random>

#include "resp/reply_builder.h"
#include "resp/reply_errors.h"

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
  const ApplyOutcome outcome = keyspace().Apply(mutation, 0);
  keyspace().FreeSome(kNodesFreedAtOnce);
  return outcome;
}

Status CheckedData::ReplayForeign(uint32_t db, std::span<const std::string_view> argv) {
  highest_db_ = std::max(highest_db_, db);
  if (!holds_data_) return Status::Ok();
  const CommandRow* row = server_->command_table().Find(argv[0]);
  if (row == nullptr || row->handler == nullptr || (row->flags & kWrite) == 0) {
    return Status::Error("'" + std::string(argv[0]) + "' is not a command that Baton can load");
  }
  const size_t arity = static_cast<size_t>(std::abs(row->arity));
  if (row->arity >= 0 ? argv.size() != arity : argv.size() < arity) {
    return Status::Error(errors::WrongArity(row->name));
  }
  if (db >= kDatabases) return Status::Error("there is no database " + std::to_string(db));
  ClientState client;
  client.db = db;
  client.authenticated = true;
  OutputBuffer replies;
  ReplyBuilder reply(replies, 2);
  const std::vector<std::string_view> words(argv.begin(), argv.end());
  CommandContext context(*server_, client, *row, words, reply);
  context.set_may_block(false);
  row->handler(context);
  keyspace().FreeSome(kNodesFreedAtOnce);
  return reply.first_error().empty() ? Status::Ok() : Status::Error(reply.first_error());
}

}  // namespace baton
