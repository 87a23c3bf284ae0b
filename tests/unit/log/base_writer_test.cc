// How long a base can get (src/log/base_writer.h).

#include "log/base_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "doubles/manual_clock.h"
#include "doubles/sim_file_system.h"

namespace baton {
namespace {

uint64_t BaseBytes(Keyspace& keyspace) {
  SimFileSystem disk(1);
  ManualClock clock;
  BaseProgress progress;
  auto file = disk.OpenAppend("base", FileSystem::OpenMode::kCreateOrTruncate);
  auto snapshot = keyspace.TakeSnapshot();
  EXPECT_TRUE(WriteBase(*snapshot, nullptr, {FileKind::kBase, 1, 2, 3}, **file, clock, progress).ok());
  keyspace.ReleaseSnapshot(std::move(snapshot));
  return (*file)->size();
}

struct Shape {
  const char* name;
  size_t keys, name_bytes, elements, bytes_min, bytes_max;  // no elements: strings
  bool expires;
};
constexpr Shape kShapes[] = {
    {"nothing", 0, 0, 0, 0, 0, false},
    {"tiny strings", 3000, 1, 0, 0, 8, false},
    {"tiny strings that expire", 3000, 1, 0, 0, 8, true},
    {"strings", 1000, 20, 0, 50, 2000, false},
    {"large strings", 10, 20, 0, 100'000, 300'000, true},
    {"empty elements", 2, 10, 20'000, 0, 1, false},
    {"tiny elements", 2, 10, 20'000, 1, 10, false},
    {"lists of one", 3000, 10, 1, 0, 3, true},
    {"short lists", 2000, 30, 5, 1, 12, true},
    {"small elements", 3, 10, 10'000, 30, 100, false},
    {"elements", 3, 10, 2000, 500, 1500, false},
    {"elements with long lengths", 2, 200, 300, 9990, 20'000, false},
    {"large elements", 2, 10, 20, 100'000, 200'000, false},
};

TEST(BaseBytesMax, IsNeverLessThanABaseTakes) {
  Random random(3);
  for (const Shape& shape : kShapes) {
    SCOPED_TRACE(shape.name);
    Keyspace keyspace(16, 7);
    std::string value;
    const auto draw = [&] {
      value.assign(shape.bytes_min + random.Below(shape.bytes_max - shape.bytes_min + 1), 'x');
      return std::string_view(value);
    };
    std::vector<std::string> names;
    for (size_t i = 0; i < shape.keys; ++i) {
      names.push_back(std::to_string(i));
      names.back().resize(std::max(shape.name_bytes, names.back().size()), 'k');
      const KeyRef key = keyspace.Ref(names.back());
      if (shape.elements == 0) keyspace.Apply(Mutation::Set(0, key, draw(), 0, false), 1);
      for (size_t n = 0; n < shape.elements; ++n) {
        const std::string_view values[] = {draw()};
        keyspace.Apply(Mutation::Push(0, key, Side::kLeft, values), 1);
      }
      if (shape.expires) keyspace.Apply(Mutation::ExpireAt(0, key, 1'700'000'000'000), 1);
    }
    const auto check = [&](const char* when) {
      while (keyspace.FreeSome(1000)) {
      }
      const uint64_t bytes = BaseBytes(keyspace), most = BaseBytesMax(keyspace, nullptr);
      EXPECT_LE(bytes, most + most / 64 + 4096) << when;
    };
    check("full");
    // Whatever is taken away, it does not grow.
    uint64_t most = BaseBytesMax(keyspace, nullptr);
    for (const std::string& name : names) {
      const KeyRef key = keyspace.Ref(name);
      if (shape.elements == 0) {
        keyspace.Apply(Mutation::Delete(0, key), 1);
      } else {
        keyspace.Apply(Mutation::Pop(0, key, Side::kRight, static_cast<int64_t>(shape.elements / 2)), 1);
      }
      if (&name != &names[names.size() / 2]) continue;
      check("half");
      EXPECT_LE(BaseBytesMax(keyspace, nullptr), most);
      most = BaseBytesMax(keyspace, nullptr);
    }
    check("less");
    EXPECT_LE(BaseBytesMax(keyspace, nullptr), most);
  }
}

}  // namespace
}  // namespace baton
