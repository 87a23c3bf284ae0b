#pragma once

#include <cstdint>
#include <functional>
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
// reorders at a power cut what was only written, as real ones do; and whose every call can be made to fail. Everything
// it draws comes from one seed. One thread.
//
// A sync that fails does what Linux does then (the "fsyncgate" of 2018): some of the pages that it was to write are not
// on the disk, yet all are marked clean. The running system goes on reading them from memory, a later sync of the same
// file succeeds and passes them over, and they are gone with the power.
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
  void Heal() {
    failing_calls_.clear();
    failing_kinds_.clear();
  }
  // Every call of one kind fails until told otherwise: "append", "sync", "truncate", "open", "read", "rename",
  // "remove", "sync directory", "list", "create directory", "lock", "free bytes".
  void FailKind(const std::string& kind, Fault fault) { failing_kinds_[kind] = fault; }
  void HealKind(const std::string& kind) { failing_kinds_.erase(kind); }
  // The power goes at this call: it and all later ones have no effect and fail, until Crash() brings the next life.
  void PowerOffAtCall(uint64_t call) { power_off_call_ = call; }
  bool powered_off() const { return powered_off_; }
  // Asked before each call that may change the disk: true, and the call succeeds and does nothing. For canaries: a
  // server that forgets this call.
  using LeaveOut = std::function<bool(std::string_view kind, const std::string& path)>;
  void set_leave_out(LeaveOut leave_out) { leave_out_ = std::move(leave_out); }
  // A sync that fails is tried again at once, and then succeeds. Another canary.
  void set_retries_syncs(bool retries) { retries_syncs_ = retries; }
  // Called before each call that may change the disk, while the power is on: between two of them a power cut always
  // finds the same. It may Fork the disk.
  using Watcher = std::function<void(std::string_view kind, const std::string& path)>;
  void set_watcher(Watcher watcher) { watcher_ = std::move(watcher); }

  // --- the end of a process
  // Power cut: of what was not synced survives a prefix, nothing, all, a torn block, or blocks out of order; of
  // directory changes without a directory sync a prefix, or any of them. Files open from before are dead.
  void Crash();
  // kill -9: everything written stays; locks are let go; files open from before are dead. Of pages that a failed sync
  // has dropped the system may by now have read again what the disk holds.
  void Kill();
  // Some page that a failed sync has dropped is still part of a file.
  bool has_dropped_pages() const;

  // --- looking and meddling, without being counted
  std::optional<std::string> Content(const std::string& path) const;
  void SetContent(const std::string& path, std::string_view bytes);  // written and synced, its name too
  void Erase(const std::string& path);
  std::vector<std::string> Paths() const;
  uint64_t UnsyncedBytes(const std::string& path) const;
  // What FreeBytes says; nothing ever fails for it.
  void set_free_bytes(uint64_t bytes) { free_bytes_ = bytes; }
  // From now on the disk holds so many bytes, in blocks of 512: what does not fit fails with ENOSPC, an append after a
  // part of it. A file takes what it has been given, and goes on taking it while it is open, its name gone or not. What
  // others on the same disk take can change at any time.
  void set_capacity(std::optional<uint64_t> bytes) { capacity_ = bytes; }
  void set_others_bytes(uint64_t bytes) { others_bytes_ = bytes; }
  uint64_t others_bytes() const { return others_bytes_; }
  uint64_t UsedBytes() const;
  uint64_t Available() const;  // never more than what is left of the capacity
  // A copy of the disk as it is now, all of it synced: to try the same recovery in several ways.
  std::unique_ptr<SimFileSystem> Clone(uint64_t seed) const;
  // A copy of the disk with all that it knows, to try what would be if it went on otherwise from here. Files that are
  // open stay open on this one only. Faults and watchers are not copied.
  std::unique_ptr<SimFileSystem> Fork(uint64_t seed) const;

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
  Status Enter(const char* kind, const std::string& path, double* part = nullptr);
  // The same for a call that may change the disk. `left_out`: it is to succeed and to do nothing.
  Status EnterChange(const char* kind, const std::string& path, bool* left_out, double* part = nullptr);
  void Change(const std::string& path, std::shared_ptr<Node> node, bool removed);
  void MakeDurable(const NameChange& change);
  void NextLife();
  std::shared_ptr<Node> NewNode();

  Random random_;
  Names names_;                                                      // as the running system sees them
  Names durable_names_;                                              // as the disk holds them for certain
  std::map<std::string, std::vector<NameChange>> unsynced_changes_;  // by directory, in order
  std::set<std::string> created_directories_;                        // the others were there before the disk was ours
  std::set<std::string> locks_;
  std::set<std::string> lock_files_;  // that were ever made; nobody takes them away
  std::map<uint64_t, Fault> failing_calls_;
  std::map<std::string, Fault, std::less<>> failing_kinds_;
  LeaveOut leave_out_;
  bool retries_syncs_ = false;
  Watcher watcher_;
  uint64_t calls_ = 0;
  uint64_t power_off_call_ = UINT64_MAX;
  bool powered_off_ = false;
  uint64_t life_ = 0;
  uint64_t free_bytes_ = uint64_t{1} << 40;
  std::optional<uint64_t> capacity_;
  uint64_t others_bytes_ = 0;
  std::vector<std::weak_ptr<Node>> nodes_;  // all that there are, for who counts what they take
};

}  // namespace baton
