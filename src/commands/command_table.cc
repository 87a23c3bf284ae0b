#include "commands/command_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "base/check.h"
#include "base/text.h"
#include "commands/families.h"

namespace baton {
namespace {

template <typename Word>
uint64_t Load(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// A-Z become a-z in each of the eight bytes, all others stay: in `range`, a byte's top bit says that its low seven bits
// lie in 'A'..'Z'.
uint64_t LowerEight(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kTops = 0x80 * kOnes;
  uint64_t low_bits = word & ~kTops;
  uint64_t range = (low_bits + (0x80 - 'A') * kOnes) ^ (low_bits + (0x80 - 'Z' - 1) * kOnes);
  return word | ((range & ~word & kTops) >> 2);
}

}  // namespace

inline CommandTable::Name::Name(std::string_view text) : bytes(text.size()) {
  const char* p = text.data();
  if (bytes >= 8) {
    head = Load<uint64_t>(p);
    tail = LowerEight(Load<uint64_t>(p + bytes - 8));
  } else if (bytes >= 4) {
    head = Load<uint32_t>(p) | Load<uint32_t>(p + bytes - 4) << 32;
  } else if (bytes > 0) {
    head = Load<uint8_t>(p) | Load<uint8_t>(p + bytes / 2) << 8 | Load<uint8_t>(p + bytes - 1) << 16;
  }
  head = LowerEight(head);
}

inline size_t CommandTable::Name::Slot(uint64_t mask) const {
  uint64_t mixed = (head ^ std::rotl(tail, 31) ^ bytes) * 0x9e3779b97f4a7c15u;
  return (mixed >> 40) & mask;
}

CommandTable::CommandTable() {
  const std::span<const CommandRow> families[] = {
      ListCommands(),          BlockingListCommands(), StringCommands(),  SubstringCommands(), CounterCommands(),
      KeyCommands(),           ScanCommands(),         ObjectCommands(),  ExpiryCommands(),    DatabaseCommands(),
      TransactionCommands(),   ConnectionCommands(),   ClientCommands(),  ServerCommands(),    ConfigCommands(),
      IntrospectionCommands(), InfoCommands(),         SlowlogCommands(), LatencyCommands(),   MemoryCommands(),
      DebugCommands(),         QueueCommands(),        QueueInfoCommands(), QueuePolicyCommands(),
      PubSubCommands(),        AbsentCommands(),
  };
  size_t count = 0;
  for (std::span<const CommandRow> family : families) count += family.size();
  slots_.resize(std::bit_ceil(4 * count));
  mask_ = slots_.size() - 1;
  for (std::span<const CommandRow> family : families) {
    for (const CommandRow& row : family) Add(row);
  }
  std::sort(rows_.begin(), rows_.end(), [](auto* a, auto* b) { return a->name < b->name; });
}

void CommandTable::Add(const CommandRow& row) {
  CHECK(!row.name.empty() && row.name == ToLower(row.name));
  CHECK(Find(row.name) == nullptr);
  Name name(row.name);
  size_t i = name.Slot(mask_);
  while (slots_[i].row != nullptr) i = (i + 1) & mask_;
  slots_[i] = {name, &row};
  if ((row.flags & kAbsent) == 0) rows_.push_back(&row);
}

const CommandRow* CommandTable::Find(std::string_view text) const {
  Name name(text);
  for (size_t i = name.Slot(mask_); slots_[i].row != nullptr; i = (i + 1) & mask_) {
    if (slots_[i].name == name && (text.size() <= 16 || EqualsIgnoreCase(slots_[i].row->name, text)))
      return slots_[i].row;
  }
  return nullptr;
}

const CommandRow* CommandTable::FindSubcommand(const CommandRow& container, std::string_view name) {
  for (const CommandRow& row : container.subcommands) {
    if (EqualsIgnoreCase(row.name, name)) return &row;
  }
  return nullptr;
}

}  // namespace baton
