#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "env/file_system.h"

namespace baton {

// A disk in memory that knows, per file and per directory, what was written and what was synced; that loses, tears and
// reorders at a power cut what was only written, as real ones do; and whose every call can be made to fail. Everything it
// draws comes from one seed. One thread.
class SimFileSystem final : public FileSystem {
 public:
  explicit SimFileSystem(uint64_t seed);
  ~SimFileSystem() override;

  // --- faults. Calls are counted from 1; every method of FileSystem and of its files is one (but the files' size()).
  uint64_t calls() const { return calls_; }
  enum class Fault : uint8_t {
    kNoSpace,  // ENOSPC; an append writes nothing
    kQuota,    // EDQUOT; an append writes nothing
    kIo,       // EIO; an append writes nothing, a sync leaves the file in an unknown state
    kShort,    // an append writes a part, then ENOSPC; other calls: EIO
  };
  // The calls numbered first .. first + count - 1 fail.
  void FailCalls(uint64_t first, uint64_t count, Fault fault);
  void HealCalls() { failing_calls_.clear(); }
  // Every call of one kind fails until told otherwise: "append", "sync", "truncate", "open", "read", "rename", "remove",
  // "sync directory", "list", "create directory", "lock", "free bytes".
  void FailKind(const std::string& kind, Fault fault) { failing_kinds_[kind] = fault; }
  void HealKind(const std::string& kind) { failing_kinds_.erase(kind); }
  // The power goes at this call: it and all later ones have no effect and fail, until Crash() brings the next life.
  void PowerOffAtCall(uint64_t call) { power_off_call_ = call; }
  bool powered_off() const { return powered_off_; }
  // A disk that lies: syncs of files, or of directories, succeed and do nothing.
  void set_syncs_lie(bool files, bool directories) {
    file_syncs_lie_ = files;
    directory_syncs_lie_ = directories;
  }

  // --- the end of a process
  // Power cut: of what was not synced survives a prefix, nothing, all, a torn block, or blocks out of order; of directory
  // changes without a directory sync a prefix. Files open from before are dead.
  void Crash();
  // kill -9: everything written stays; locks are let go; files open from before are dead.
  void Kill();

  // --- looking and meddling, without being counted
  std::optional<std::string> Content(const std::string& path) const;
  void SetContent(const std::string& path, std::string_view bytes);  // written and synced, its name too
  void Erase(const std::string& path);
  std::vector<std::string> Paths() const;
  uint64_t UnsyncedBytes(const std::string& path) const;
  void set_free_bytes(uint64_t bytes) { free_bytes_ = bytes; }
  // A copy of the disk as it is now, all of it synced: to try the same recovery in several ways.
  std::unique_ptr<SimFileSystem> Clone(uint64_t seed) const;

  // --- FileSystem
  Result<std::unique_ptr<AppendFile>> OpenAppend(const std::string& path, OpenMode mode) override;
  Result<std::unique_ptr<ReadFile>> OpenRead(const std::string& path) override;
  bool Exists(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;
  Status CreateDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  Result<uint64_t> FreeBytes(const std::string& directory) override;

 private:
  struct Node;
  class SimAppendFile;
  class SimReadFile;
  class SimLock;
  using Names = std::map<std::string, std::shared_ptr<Node>>;  // a null node: a directory
  struct NameChange {
    std::string path;
    std::shared_ptr<Node> node;
    bool removed;
    std::string renamed_from;  // empty unless a rename: one change in the journal, never both names, never neither
  };

  // Counts the call; not ok when it is to fail. `part`: for an append, how much of it still goes out.
  Status Enter(const std::string& kind, const std::string& path, double* part = nullptr);
  void Change(const std::string& path, std::shared_ptr<Node> node, bool removed);
  void MakeDurable(const NameChange& change);
  void NextLife();

  Random random_;
  Names names_;                      // as the running system sees them
  Names durable_names_;              // as the disk holds them for certain
  std::map<std::string, std::vector<NameChange>> unsynced_changes_;  // by directory, in order
  std::set<std::string> created_directories_;  // the others were there before the disk was ours
  std::set<std::string> locks_;
  std::map<uint64_t, Fault> failing_calls_;
  std::map<std::string, Fault> failing_kinds_;
  uint64_t calls_ = 0;
  uint64_t power_off_call_ = UINT64_MAX;
  bool powered_off_ = false;
  bool file_syncs_lie_ = false, directory_syncs_lie_ = false;
  uint64_t life_ = 0;
  uint64_t free_bytes_ = uint64_t{1} << 40;
};

}  // namespace baton
