#include "env/posix_file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace baton {
namespace {

class PosixFileSystemTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/baton_env_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    auto names = files_.List(directory_);
    if (names.ok()) {
      for (const std::string& name : *names) {
        if (unlink(Path(name).c_str()) != 0) rmdir(Path(name).c_str());
      }
    }
    rmdir(directory_.c_str());
  }
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  std::string Read(const std::string& name) {
    auto file = files_.OpenRead(Path(name));
    EXPECT_TRUE(file.ok()) << file.status().message();
    std::string bytes((*file)->size() + 10, '?');
    auto n = (*file)->ReadAt(0, bytes.data(), bytes.size());
    EXPECT_TRUE(n.ok());
    bytes.resize(*n);
    return bytes;
  }
  void Write(AppendFile& file, std::string_view bytes) {
    size_t written = 0;
    Status status = file.Append(bytes, &written);
    EXPECT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(written, bytes.size());
  }

  PosixFileSystem files_;
  std::string directory_;
};

TEST_F(PosixFileSystemTest, WritesOverWhatIsThereAndOnBehindTheEnd) {
  auto file = files_.OpenAppend(Path("a"), FileSystem::OpenMode::kCreateOrTruncate);
  ASSERT_TRUE(file.ok());
  Write(**file, "hello world");
  size_t written = 0;
  EXPECT_TRUE((*file)->WriteOver(6, "there", &written).ok());
  EXPECT_EQ(written, 5u);
  EXPECT_EQ((*file)->size(), 11u);
  Write(**file, "!");
  EXPECT_EQ(Read("a"), "hello there!");
  EXPECT_TRUE((*file)->WriteOver(11, ", world", &written).ok());
  EXPECT_EQ((*file)->size(), 18u);
  EXPECT_EQ(Read("a"), "hello there, world");
}

TEST_F(PosixFileSystemTest, AppendsAtTheEndAlsoAfterReopeningAndCutting) {
  {
    auto file = files_.OpenAppend(Path("a"), FileSystem::OpenMode::kCreateOrTruncate);
    ASSERT_TRUE(file.ok());
    Write(**file, "hello ");
    Write(**file, "world");
    EXPECT_EQ((*file)->size(), 11u);
    EXPECT_TRUE((*file)->Sync().ok());
  }
  {
    auto file = files_.OpenAppend(Path("a"), FileSystem::OpenMode::kAppendExisting);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ((*file)->size(), 11u);
    Write(**file, "!!");
    EXPECT_TRUE((*file)->Truncate(6).ok());
    Write(**file, "there");
  }
  EXPECT_EQ(Read("a"), "hello there");
  auto file = files_.OpenAppend(Path("a"), FileSystem::OpenMode::kCreateOrTruncate);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(Read("a"), "");
}

TEST_F(PosixFileSystemTest, NamesTheFileAndTheCauseInErrors) {
  auto append = files_.OpenAppend(Path("no"), FileSystem::OpenMode::kAppendExisting);
  ASSERT_FALSE(append.ok());
  EXPECT_EQ(append.status().os_error(), ENOENT);
  EXPECT_NE(append.status().message().find(Path("no")), std::string::npos);
  EXPECT_EQ(files_.OpenRead(Path("no")).status().os_error(), ENOENT);
  EXPECT_EQ(files_.OpenRead(directory_).status().os_error(), EISDIR);
  EXPECT_EQ(files_.List(Path("no")).status().os_error(), ENOENT);
  EXPECT_EQ(files_.Remove(Path("no")).os_error(), ENOENT);
  EXPECT_EQ(files_.Rename(Path("no"), Path("yes")).os_error(), ENOENT);
  EXPECT_EQ(files_.SyncDirectory(Path("no")).os_error(), ENOENT);
  EXPECT_EQ(files_.CreateDirectory(Path("no/deeper")).os_error(), ENOENT);
}

TEST_F(PosixFileSystemTest, ListsRenamesAndRemoves) {
  for (const char* name : {"b", "a", "c"}) {
    ASSERT_TRUE(files_.OpenAppend(Path(name), FileSystem::OpenMode::kCreateOrTruncate).ok());
  }
  EXPECT_TRUE(files_.Rename(Path("c"), Path("d")).ok());
  EXPECT_TRUE(files_.Remove(Path("a")).ok());
  EXPECT_TRUE(files_.SyncDirectory(directory_).ok());
  auto names = files_.List(directory_);
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(*names, (std::vector<std::string>{"b", "d"}));
  EXPECT_TRUE(files_.Exists(Path("d")));
  EXPECT_FALSE(files_.Exists(Path("c")));
}

TEST_F(PosixFileSystemTest, CreatesADirectoryOnceAndIsContentWhenItIsThere) {
  EXPECT_TRUE(files_.CreateDirectory(Path("sub")).ok());
  EXPECT_TRUE(files_.CreateDirectory(Path("sub")).ok());
  ASSERT_TRUE(files_.OpenAppend(Path("plain"), FileSystem::OpenMode::kCreateOrTruncate).ok());
  EXPECT_EQ(files_.CreateDirectory(Path("plain")).os_error(), EEXIST);
}

TEST_F(PosixFileSystemTest, ALockExcludesOthersUntilItIsDestroyed) {
  {
    auto lock = files_.Lock(Path("lock"));
    ASSERT_TRUE(lock.ok());
    auto second = files_.Lock(Path("lock"));
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.status().os_error(), EWOULDBLOCK);
    EXPECT_NE(second.status().message().find(std::to_string(getpid())), std::string::npos);
  }
  EXPECT_TRUE(files_.Lock(Path("lock")).ok());
}

TEST_F(PosixFileSystemTest, ReadsAtAnyOffset) {
  auto file = files_.OpenAppend(Path("r"), FileSystem::OpenMode::kCreateOrTruncate);
  ASSERT_TRUE(file.ok());
  Write(**file, "0123456789");
  auto read = files_.OpenRead(Path("r"));
  ASSERT_TRUE(read.ok());
  char buffer[8];
  EXPECT_EQ(*(*read)->ReadAt(4, buffer, 3), 3u);
  EXPECT_EQ(std::string_view(buffer, 3), "456");
  EXPECT_EQ(*(*read)->ReadAt(8, buffer, 8), 2u);
  EXPECT_EQ(*(*read)->ReadAt(10, buffer, 8), 0u);
}

TEST_F(PosixFileSystemTest, KnowsThatSomeSpaceIsFree) {
  auto free_bytes = files_.FreeBytes(directory_);
  ASSERT_TRUE(free_bytes.ok());
  EXPECT_GT(*free_bytes, 0u);
}

}  // namespace
}  // namespace baton
