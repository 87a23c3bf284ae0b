#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "data/keyspace.h"
#include "env/file_system.h"
#include "log/manifest.h"
#include "log/recovery.h"

namespace baton {

// Where the log's bytes went, by key and by command, and which of them are dead: a rewrite would not write them again.
//
// A record counts for the first key that it names. A key's live bytes are those that it takes in a base written now;
// its dead ones are the rest. Within a key, commands that only take away are dead whole; the live bytes are shared
// among the others in proportion to theirs.
class LogStats {
 public:
  // The good part of one file.
  Status CountFile(FileSystem& files, const LogFileNames& names, const FileFindings& findings);
  // What a rewrite would write.
  Status CountLive(Keyspace& keyspace, QueueBook& queues);

  void Print(size_t keys_max) const;

 private:
  struct Use {
    uint64_t count = 0, bytes = 0, dead_bytes = 0;
  };
  struct Key {
    std::map<std::string, Use> commands;
    uint64_t bytes = 0, live_bytes = 0;
    uint64_t dead_bytes() const { return bytes > live_bytes ? bytes - live_bytes : 0; }
  };
  using KeyName = std::pair<uint32_t, std::string>;

  void CountRecords(std::string_view records, bool live);
  static void ShareOut(Key& key);

  std::map<KeyName, Key> keys_;
  uint32_t db_ = 0;
  uint64_t bytes_ = 0, live_bytes_ = 0, framing_bytes_ = 0;
  std::vector<std::string_view> argv_;
};

}  // namespace baton
