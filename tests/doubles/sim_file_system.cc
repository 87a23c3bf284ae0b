#include "doubles/sim_file_system.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "base/check.h"

namespace baton {
namespace {

constexpr size_t kBlockBytes = 512;  // what a disk writes as one

std::string Normal(std::string path) {
  for (size_t at; (at = path.find("/./")) != std::string::npos;) path.erase(at, 2);
  while (path.starts_with("./")) path.erase(0, 2);
  for (size_t at; (at = path.find("//")) != std::string::npos;) path.erase(at, 1);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path.empty() ? "." : path;
}

std::string Parent(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

int ErrnoOf(SimFileSystem::Fault fault) {
  switch (fault) {
    case SimFileSystem::Fault::kNoSpace:
    case SimFileSystem::Fault::kShort:
      return ENOSPC;
    case SimFileSystem::Fault::kQuota:
      return EDQUOT;
    case SimFileSystem::Fault::kIo:
      return EIO;
  }
  return EIO;
}

}  // namespace

// One file. `data` is what the running system reads; of it the first synced_bytes were there at the last sync. They are
// on the disk for certain, but for
//   - what was cut since the last sync, below that: `before_cut` is what the disk may still hold;
//   - `pages` that differ: written over since the last sync, or marked clean by a failed sync that did not write them.
struct SimFileSystem::Node {
  // One block; its key is where it begins.
  struct Page {
    std::string on_disk;   // may be shorter: the disk does not know of the rest, nor perhaps of the file's length
    bool dirty = false;    // the next sync writes it; else no sync does, until somebody writes to it again
    bool dropped = false;  // by a failed sync
  };
  std::string data;
  size_t synced_bytes = 0;
  std::optional<std::string> before_cut;
  std::map<size_t, Page> pages;
  size_t reserved_end = 0;  // room that was taken, whatever the length
  int open = 0;             // files open in this life

  uint64_t TakenBytes() const {
    return (std::max(data.size(), reserved_end) + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  }
  void Append(std::string_view bytes) {
    // The page at the end is changed, so it is dirty as a whole, and the next sync writes it as a whole.
    if (data.size() % kBlockBytes != 0 && !pages.empty() && pages.rbegin()->first == BlockOf(data.size())) {
      pages.rbegin()->second.dirty = true;
    }
    data.append(bytes);
  }
  void WriteOver(size_t offset, std::string_view bytes, Random& random) {
    CHECK(offset <= data.size());
    const size_t over = std::min(bytes.size(), data.size() - offset);
    const size_t over_end = std::min(offset + over, synced_bytes);
    for (size_t begin = BlockOf(offset); begin < over_end; begin += kBlockBytes) {
      const std::string now = data.substr(begin, std::min(kBlockBytes, synced_bytes - begin));
      auto [page, is_new] = pages.try_emplace(begin, Page{now});
      // The system may have written it back since it was written over before.
      if (!is_new && page->second.dirty && random.OneIn(3)) page->second.on_disk = now;
      page->second.dirty = true;
    }
    data.replace(offset, over, bytes.substr(0, over));
    if (over < bytes.size()) Append(bytes.substr(over));
  }
  void Synced() {
    synced_bytes = data.size();
    before_cut.reset();
    std::erase_if(pages, [](const auto& page) { return page.second.dirty; });
  }
  // A sync that failed: each page was written, or it was dropped.
  void FailSync(Random& random) {
    const uint64_t lot = random.Below(3);  // none was written, all were, each has its own luck
    auto is_written = [&] { return lot == 1 || (lot == 2 && random.OneIn(2)); };
    std::erase_if(pages, [&](const auto& page) { return page.second.dirty && is_written(); });
    for (auto& [begin, page] : pages) {
      page.dropped |= page.dirty;
      page.dirty = false;
    }
    for (size_t begin = BlockOf(synced_bytes); begin < data.size(); begin += kBlockBytes) {
      if (is_written()) continue;
      const size_t known = std::max(begin, synced_bytes) - begin;
      Page& page = pages.try_emplace(begin, Page{data.substr(begin, known)}).first->second;
      page.dropped = true;
      page.dirty = false;
    }
    synced_bytes = data.size();
  }
  void Cut(size_t bytes) {
    if (bytes < synced_bytes) {
      if (!before_cut) before_cut = OnDisk();
      synced_bytes = bytes;
    }
    data.resize(bytes);
    reserved_end = bytes;
    pages.erase(pages.lower_bound(bytes), pages.end());
  }
  // The system reads from the disk again what it thinks to be there: the dropped pages. The disk has never heard of
  // what was written to them, nor perhaps of the length that they gave.
  void ForgetDropped(Random& random) {
    Forget([](const Page& page) { return page.dropped && !page.dirty; }, random);
  }
  // What a power cut leaves.
  void LosePower(Random& random) {
    reserved_end = 0;
    if (before_cut && random.OneIn(2)) {
      data = *before_cut;
      pages.clear();
      Synced();
      return;
    }
    size_t unsynced = data.size() - synced_bytes;
    if (unsynced > 0) LoseTail(unsynced, random);
    pages.erase(pages.lower_bound(data.size()), pages.end());
    LosePages(random);
    Synced();
  }
  bool has_dropped_pages() const {
    return std::any_of(pages.begin(), pages.end(), [](const auto& page) { return page.second.dropped; });
  }

 private:
  static size_t BlockOf(size_t offset) { return offset / kBlockBytes * kBlockBytes; }

  std::string OnDisk() const {
    std::string image = data.substr(0, synced_bytes);
    for (const auto& [begin, page] : pages) {
      image.replace(begin, std::min(page.on_disk.size(), image.size() - begin), page.on_disk);
    }
    return image;
  }
  template <typename Which>
  void Forget(Which which, Random& random) {
    while (!pages.empty()) {
      auto last = std::find_if(pages.rbegin(), pages.rend(), [&](const auto& page) { return which(page.second); });
      if (last == pages.rend()) break;
      const size_t begin = last->first;
      const Page page = last->second;
      pages.erase(begin);
      const size_t end = std::min(begin + kBlockBytes, data.size());
      const size_t known = std::min(begin + page.on_disk.size(), end);
      data.replace(begin, known - begin, page.on_disk, 0, known - begin);
      std::fill(data.begin() + static_cast<ptrdiff_t>(known), data.begin() + static_cast<ptrdiff_t>(end), '\0');
      if (end == data.size() && known < end && random.OneIn(2)) data.resize(known);
    }
    synced_bytes = std::min(synced_bytes, data.size());
  }
  // Of what was written over, each block made it or did not: none, all, those from the front, or as it happens.
  void LosePages(Random& random) {
    const uint64_t lot = random.Below(4);
    uint64_t left = lot == 2 ? random.Below(pages.size() + 1) : 0;
    std::erase_if(pages, [&](const auto& page) {
      if (!page.second.dirty) return false;
      if (lot == 2) return left > 0 && left-- > 0;
      return lot == 1 || (lot == 3 && random.OneIn(2));
    });
    Forget([](const Page&) { return true; }, random);
  }
  void LoseTail(size_t unsynced, Random& random) {
    char* tail = data.data() + synced_bytes;
    switch (random.Below(6)) {
      case 0:  // nothing is left
        data.resize(synced_bytes);
        break;
      case 1:  // all is
        break;
      case 2:  // a prefix, cut at any byte
        data.resize(synced_bytes + random.Below(unsynced + 1));
        break;
      case 3: {  // a prefix whose last block was being written: zeros from some byte of it on
        size_t keep = random.Below(unsynced + 1);
        size_t torn = std::min(unsynced - keep, random.Below(kBlockBytes));
        std::memset(tail + keep, 0, torn);
        data.resize(synced_bytes + keep + torn);
        break;
      }
      case 4: {  // the new length, and zeros where data did not make it
        size_t keep = random.Below(unsynced + 1);
        std::memset(tail + keep, 0, unsynced - keep);
        break;
      }
      case 5:  // blocks out of order: each made it or did not
        for (size_t begin = 0; begin < unsynced;) {
          size_t in_block = kBlockBytes - (synced_bytes + begin) % kBlockBytes;
          size_t count = std::min(in_block, unsynced - begin);
          if (random.OneIn(2)) std::memset(tail + begin, 0, count);
          begin += count;
        }
        break;
    }
  }
};

class SimFileSystem::SimAppendFile final : public AppendFile {
 public:
  SimAppendFile(SimFileSystem& disk, std::string path, std::shared_ptr<Node> node)
      : disk_(disk), path_(std::move(path)), node_(std::move(node)), life_(disk.life_) {
    ++node_->open;
  }
  ~SimAppendFile() override {
    if (life_ == disk_.life_) --node_->open;
  }

  Status Append(std::string_view bytes, size_t* written) override {
    *written = 0;
    double part = 0;
    bool left_out = false;
    Status entered = Enter("append", &left_out, &part);
    if (!entered.ok() && part == 0) return entered;
    *written = entered.ok() ? bytes.size() : static_cast<size_t>(static_cast<double>(bytes.size()) * part);
    const size_t fits = Fits(node_->data.size(), *written);
    if (fits < *written) entered = NoSpace("append");
    *written = fits;
    if (!left_out) node_->Append(bytes.substr(0, *written));
    return entered;
  }
  Status Sync() override {
    bool left_out = false;
    Status entered = Enter("sync", &left_out, nullptr);
    if (entered.ok()) {
      if (!left_out) node_->Synced();
    } else if (!disk_.powered_off_ && life_ == disk_.life_) {
      node_->FailSync(disk_.random_);
      if (disk_.retries_syncs_) {
        node_->Synced();
        return Status::Ok();
      }
    }
    return entered;
  }
  Status WriteOver(uint64_t offset, std::string_view bytes, size_t* written) override {
    *written = 0;
    double part = 0;
    bool left_out = false;
    Status entered = Enter("write over", &left_out, &part);
    if (!entered.ok() && part == 0) return entered;
    *written = entered.ok() ? bytes.size() : static_cast<size_t>(static_cast<double>(bytes.size()) * part);
    const size_t fits = Fits(static_cast<size_t>(offset), *written);
    if (fits < *written) entered = NoSpace("write over");
    *written = fits;
    if (!left_out) node_->WriteOver(static_cast<size_t>(offset), bytes.substr(0, *written), disk_.random_);
    return entered;
  }
  Status Reserve(uint64_t bytes) override {
    bool left_out = false;
    Status entered = Enter("reserve", &left_out, nullptr);
    if (!entered.ok()) return entered;
    const size_t size = node_->data.size(), fits = Fits(size, static_cast<size_t>(bytes));
    if (!left_out) node_->reserved_end = std::max(node_->reserved_end, size + fits);
    return fits < bytes ? NoSpace("reserve") : entered;
  }
  Status Truncate(uint64_t bytes) override {
    bool left_out = false;
    Status entered = Enter("truncate", &left_out, nullptr);
    if (!entered.ok() || left_out) return entered;
    // Zeros that only make a file longer take no room on a real disk; here they do, so nobody can count on them.
    const size_t size = node_->data.size();
    if (bytes > size && Fits(size, static_cast<size_t>(bytes) - size) < bytes - size) return NoSpace("truncate");
    node_->Cut(static_cast<size_t>(bytes));
    return entered;
  }
  uint64_t size() const override { return node_->data.size(); }

 private:
  Status Enter(const char* kind, bool* left_out, double* part) {
    if (life_ != disk_.life_) return Status::FromErrno(EIO, path_ + ": opened before the crash");
    return disk_.EnterChange(kind, path_, left_out, part);
  }
  Status NoSpace(const char* kind) { return Status::FromErrno(ENOSPC, std::string(kind) + " " + path_); }
  // How many of `bytes` from `offset` on the disk has room for.
  size_t Fits(size_t offset, size_t bytes) const {
    if (!disk_.capacity_) return bytes;
    const uint64_t most = node_->TakenBytes() + disk_.Available() / kBlockBytes * kBlockBytes;
    return std::min<uint64_t>(bytes, most - std::min<uint64_t>(most, offset));
  }
  SimFileSystem& disk_;
  std::string path_;
  std::shared_ptr<Node> node_;
  uint64_t life_;
};

class SimFileSystem::SimReadFile final : public ReadFile {
 public:
  SimReadFile(SimFileSystem& disk, std::string path, std::shared_ptr<Node> node)
      : disk_(disk), path_(std::move(path)), node_(std::move(node)) {}
  uint64_t size() const override { return node_->data.size(); }
  Result<size_t> ReadAt(uint64_t offset, char* to, size_t bytes) override {
    Status entered = disk_.Enter("read", path_);
    if (!entered.ok()) return entered;
    if (offset >= node_->data.size()) return size_t{0};
    size_t count = std::min(bytes, node_->data.size() - static_cast<size_t>(offset));
    std::memcpy(to, node_->data.data() + offset, count);
    return count;
  }

 private:
  SimFileSystem& disk_;
  std::string path_;
  std::shared_ptr<Node> node_;
};

class SimFileSystem::SimLock final : public FileLock {
 public:
  SimLock(SimFileSystem& disk, std::string path) : disk_(disk), path_(std::move(path)), life_(disk.life_) {}
  ~SimLock() override {
    if (life_ == disk_.life_) disk_.locks_.erase(path_);
  }

 private:
  SimFileSystem& disk_;
  std::string path_;
  uint64_t life_;
};

SimFileSystem::SimFileSystem(uint64_t seed) : random_(seed) {}
SimFileSystem::~SimFileSystem() = default;

void SimFileSystem::FailCalls(uint64_t first, uint64_t count, Fault fault) {
  for (uint64_t i = 0; i < count; ++i) failing_calls_[first + i] = fault;
}

Status SimFileSystem::EnterChange(const char* kind, const std::string& path, bool* left_out, double* part) {
  if (watcher_ && !powered_off_ && calls_ + 1 < power_off_call_) watcher_(kind, path);
  Status entered = Enter(kind, path, part);
  *left_out = entered.ok() && leave_out_ && leave_out_(kind, path);
  return entered;
}

Status SimFileSystem::Enter(const char* kind, const std::string& path, double* part) {
  ++calls_;
  if (calls_ >= power_off_call_) powered_off_ = true;
  if (powered_off_) return Status::FromErrno(EIO, std::string(kind) + " " + path + ": the power is off");
  if (failing_calls_.empty() && failing_kinds_.empty()) return Status::Ok();
  std::optional<Fault> fault;
  if (auto found = failing_calls_.find(calls_); found != failing_calls_.end()) fault = found->second;
  if (auto found = failing_kinds_.find(kind); found != failing_kinds_.end()) fault = found->second;
  if (!fault) return Status::Ok();
  if (*fault == Fault::kShort && part != nullptr) *part = 0.1 + 0.8 * static_cast<double>(random_.Below(1000)) / 1000;
  if (*fault == Fault::kShort && part == nullptr) fault = Fault::kIo;
  return Status::FromErrno(ErrnoOf(*fault), std::string(kind) + " " + path);
}

void SimFileSystem::Change(const std::string& path, std::shared_ptr<Node> node, bool removed) {
  if (removed) {
    names_.erase(path);
  } else {
    names_[path] = node;
  }
  unsynced_changes_[Parent(path)].push_back({path, std::move(node), removed, ""});
}

void SimFileSystem::MakeDurable(const NameChange& change) {
  if (!change.renamed_from.empty()) durable_names_.erase(change.renamed_from);
  if (change.removed) {
    durable_names_.erase(change.path);
  } else {
    durable_names_[change.path] = change.node;
  }
}

void SimFileSystem::NextLife() {
  ++life_;
  locks_.clear();
  power_off_call_ = UINT64_MAX;
  powered_off_ = false;
  for (const auto& node : nodes_) {
    if (const auto alive = node.lock()) alive->open = 0;
  }
}

std::shared_ptr<SimFileSystem::Node> SimFileSystem::NewNode() {
  std::erase_if(nodes_, [](const auto& node) { return node.expired(); });
  auto node = std::make_shared<Node>();
  nodes_.push_back(node);
  return node;
}

uint64_t SimFileSystem::UsedBytes() const {
  std::set<const Node*> named;
  for (const auto& [path, node] : names_) named.insert(node.get());
  uint64_t used = 0;
  for (const auto& item : nodes_) {
    const auto node = item.lock();
    if (node && (node->open > 0 || named.contains(node.get()))) used += node->TakenBytes();
  }
  return used;
}

uint64_t SimFileSystem::Available() const {
  const uint64_t taken = UsedBytes() + others_bytes_;
  return taken >= *capacity_ ? 0 : *capacity_ - taken;
}

void SimFileSystem::Kill() {
  for (auto& [path, node] : names_) {
    if (node && node->has_dropped_pages() && random_.OneIn(2)) node->ForgetDropped(random_);
  }
  NextLife();
}

bool SimFileSystem::has_dropped_pages() const {
  return std::any_of(names_.begin(), names_.end(),
                     [](const auto& item) { return item.second && item.second->has_dropped_pages(); });
}

void SimFileSystem::Crash() {
  for (auto& [directory, changes] : unsynced_changes_) {
    // In the order of a journal; or, as some file systems do, each as it pleases.
    const bool in_order = !random_.OneIn(3);
    const size_t kept = random_.Below(changes.size() + 1);
    for (size_t i = 0; i < changes.size(); ++i) {
      if (in_order ? i < kept : random_.OneIn(2)) MakeDurable(changes[i]);
    }
  }
  unsynced_changes_.clear();
  // What stands in a directory that is not there is lost with it.
  std::erase_if(durable_names_, [this](const auto& item) {
    std::string directory = Parent(item.first);
    return created_directories_.contains(directory) && !durable_names_.contains(directory);
  });
  names_ = durable_names_;
  std::set<Node*> seen;
  for (auto& [path, node] : names_) {
    if (node && seen.insert(node.get()).second) node->LosePower(random_);
  }
  NextLife();
}

std::optional<std::string> SimFileSystem::Content(const std::string& path) const {
  auto found = names_.find(Normal(path));
  if (found == names_.end() || !found->second) return std::nullopt;
  return found->second->data;
}

void SimFileSystem::SetContent(const std::string& path, std::string_view bytes) {
  std::string name = Normal(path);
  std::string directory = Parent(name);
  if (directory != "." && !names_.contains(directory)) names_[directory] = durable_names_[directory] = nullptr;
  auto node = NewNode();
  node->data = bytes;
  node->Synced();
  names_[name] = durable_names_[name] = node;
}

void SimFileSystem::Erase(const std::string& path) {
  names_.erase(Normal(path));
  durable_names_.erase(Normal(path));
}

std::vector<std::string> SimFileSystem::Paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, node] : names_) {
    if (node) paths.push_back(path);
  }
  return paths;
}

uint64_t SimFileSystem::UnsyncedBytes(const std::string& path) const {
  auto found = names_.find(Normal(path));
  return found == names_.end() || !found->second ? 0 : found->second->data.size() - found->second->synced_bytes;
}

std::unique_ptr<SimFileSystem> SimFileSystem::Clone(uint64_t seed) const {
  auto copy = std::make_unique<SimFileSystem>(seed);
  for (const auto& [path, node] : names_) {
    if (node) {
      copy->SetContent(path, node->data);
    } else {
      copy->names_[path] = copy->durable_names_[path] = nullptr;
    }
  }
  return copy;
}

std::unique_ptr<SimFileSystem> SimFileSystem::Fork(uint64_t seed) const {
  auto fork = std::make_unique<SimFileSystem>(seed);
  std::unordered_map<const Node*, std::shared_ptr<Node>> copies;
  auto copy = [&](const std::shared_ptr<Node>& node) -> std::shared_ptr<Node> {
    if (!node) return nullptr;
    std::shared_ptr<Node>& made = copies[node.get()];
    if (!made) {
      made = fork->NewNode();
      *made = *node;
      made->open = 0;
    }
    return made;
  };
  for (const auto& [path, node] : names_) fork->names_.emplace_hint(fork->names_.end(), path, copy(node));
  for (const auto& [path, node] : durable_names_) {
    fork->durable_names_.emplace_hint(fork->durable_names_.end(), path, copy(node));
  }
  for (const auto& [directory, changes] : unsynced_changes_) {
    auto& copied = fork->unsynced_changes_[directory];
    for (const NameChange& change : changes) {
      copied.push_back({change.path, copy(change.node), change.removed, change.renamed_from});
    }
  }
  fork->created_directories_ = created_directories_;
  fork->locks_ = locks_;
  fork->life_ = life_;
  fork->free_bytes_ = free_bytes_;
  fork->capacity_ = capacity_;
  fork->others_bytes_ = others_bytes_;
  return fork;
}

Result<std::unique_ptr<AppendFile>> SimFileSystem::OpenAppend(const std::string& path, OpenMode mode) {
  std::string name = Normal(path);
  bool left_out = false;  // an open that does nothing has nothing to give back: it is never left out
  Status entered = mode == OpenMode::kAppendExisting ? Enter("open", name) : EnterChange("open", name, &left_out);
  if (!entered.ok()) return entered;
  auto found = names_.find(name);
  if (found != names_.end() && !found->second) return Status::FromErrno(EISDIR, "open " + name);
  if (mode == OpenMode::kAppendExisting) {
    if (found == names_.end()) return Status::FromErrno(ENOENT, "open " + name);
    return std::unique_ptr<AppendFile>(std::make_unique<SimAppendFile>(*this, name, found->second));
  }
  if (Parent(name) != "." && !names_.contains(Parent(name))) return Status::FromErrno(ENOENT, "open " + name);
  if (found != names_.end()) {
    found->second->Cut(0);
    return std::unique_ptr<AppendFile>(std::make_unique<SimAppendFile>(*this, name, found->second));
  }
  auto node = NewNode();
  Change(name, node, false);
  return std::unique_ptr<AppendFile>(std::make_unique<SimAppendFile>(*this, name, node));
}

Result<std::unique_ptr<ReadFile>> SimFileSystem::OpenRead(const std::string& path) {
  std::string name = Normal(path);
  Status entered = Enter("open", name);
  if (!entered.ok()) return entered;
  auto found = names_.find(name);
  if (found == names_.end()) return Status::FromErrno(ENOENT, "open " + name);
  if (!found->second) return Status::FromErrno(EISDIR, "open " + name);
  return std::unique_ptr<ReadFile>(std::make_unique<SimReadFile>(*this, name, found->second));
}

bool SimFileSystem::Exists(const std::string& path) {
  std::string name = Normal(path);
  return name == "." || names_.contains(name) || lock_files_.contains(name);
}

Result<std::vector<std::string>> SimFileSystem::List(const std::string& directory) {
  std::string name = Normal(directory);
  Status entered = Enter("list", name);
  if (!entered.ok()) return entered;
  if (name != "." && !names_.contains(name)) return Status::FromErrno(ENOENT, "list " + name);
  std::vector<std::string> found;
  for (const auto& [path, node] : names_) {
    if (Parent(path) == name) found.push_back(path.substr(path.rfind('/') + 1));
  }
  return found;
}

Status SimFileSystem::CreateDirectory(const std::string& path) {
  std::string name = Normal(path);
  bool left_out = false;
  Status entered = EnterChange("create directory", name, &left_out);
  if (!entered.ok() || left_out) return entered;
  if (!names_.contains(name)) Change(name, nullptr, false);
  created_directories_.insert(name);
  return Status::Ok();
}

Status SimFileSystem::Rename(const std::string& from, const std::string& to) {
  bool left_out = false;
  Status entered = EnterChange("rename", Normal(from), &left_out);
  if (!entered.ok() || left_out) return entered;
  auto found = names_.find(Normal(from));
  if (found == names_.end()) return Status::FromErrno(ENOENT, "rename " + from);
  // One change in the directory's journal: never both names, never neither.
  auto node = found->second;
  names_.erase(Normal(from));
  names_[Normal(to)] = node;
  unsynced_changes_[Parent(Normal(to))].push_back({Normal(to), node, false, Normal(from)});
  return Status::Ok();
}

Status SimFileSystem::Remove(const std::string& path) {
  std::string name = Normal(path);
  bool left_out = false;
  Status entered = EnterChange("remove", name, &left_out);
  if (!entered.ok() || left_out) return entered;
  if (!names_.contains(name)) return Status::FromErrno(ENOENT, "remove " + name);
  Change(name, nullptr, true);
  return Status::Ok();
}

Status SimFileSystem::SyncDirectory(const std::string& path) {
  std::string name = Normal(path);
  bool left_out = false;
  Status entered = EnterChange("sync directory", name, &left_out);
  if (!entered.ok() || left_out) return entered;
  for (const NameChange& change : unsynced_changes_[name]) MakeDurable(change);
  unsynced_changes_.erase(name);
  return Status::Ok();
}

Result<std::unique_ptr<FileLock>> SimFileSystem::Lock(const std::string& path) {
  std::string name = Normal(path);
  Status entered = Enter("lock", name);
  if (!entered.ok()) return entered;
  if (!locks_.insert(name).second) {
    return Status::FromErrno(EWOULDBLOCK, name + " is locked by another process");
  }
  lock_files_.insert(name);
  return std::unique_ptr<FileLock>(std::make_unique<SimLock>(*this, name));
}

Result<uint64_t> SimFileSystem::FreeBytes(const std::string& directory) {
  Status entered = Enter("free bytes", Normal(directory));
  if (!entered.ok()) return entered;
  return capacity_ ? Available() : free_bytes_;
}

}  // namespace baton
