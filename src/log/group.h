#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace baton {

// The two kinds of `#` lines that give the log its groups. Redis skips lines that start with '#', so they cost a
// redis-server nothing when it loads our files. The page for users is doc/log-format.md.
//
//   file    = header *group
//   header  = "#B 1 " kind " " position " " before " " salt " " check CRLF
//   group   = *record "#C " length " " position " " before " " synced " " policy " " check CRLF
//
//   kind      "base" or "incr"
//   position  header: the newest group before this file's first (decimal); a base holds everything up to it.
//             group: this group's number. In an incr file numbers go up by one from group to group, from file to file
//             and from life to life; in a base they count the file's own groups from 1.
//   before    the check of the group before (8 hexadecimal digits), across files too; in a base's first group
//             00000000. The header of a base carries the check of the group at `position`, that of an incr 00000000.
//   salt      16 hexadecimal digits, random, new for every file
//   length    bytes of the group's records (decimal); 0: a *mark*, written when the log goes idle, when it is closed,
//   and at
//             the end of a base, to vouch for what is before it
//   synced    the newest position known to be durable when the line was written (decimal)
//   policy    the first letter of the fsync policy at that time: a, e or n
//   check     header: CRC-32C of the line up to here. group: CRC-32C of the records and the line up to here, starting
//   from
//             the CRC-32C of the salt's 16 digits. 8 hexadecimal digits.
//
// Decimals are written without leading zeros, hexadecimal digits in small letters, and nothing else is read: a file
// has one form only, so a changed byte cannot hide in a second spelling.
//
// Why the check covers the line's own fields: a flipped `synced` must not vouch for anything. Why it starts from a
// salt: a payload may hold any bytes, a forged "\r\n#C ..." too, but its author cannot know the salt. Why `before`:
// behind a cut there may be whole groups of the file's earlier life; they do not follow on from what was written since.

enum class FileKind : uint8_t { kBase, kIncr, kFirst };

struct FileHeader {
  FileKind kind = FileKind::kIncr;
  uint64_t position = 0;
  uint32_t before = 0;
  uint64_t salt = 0;
};

inline constexpr std::string_view kFileHeaderStart = "#B ";
inline constexpr size_t kFileHeaderBytesMax = 80;
std::string FormatFileHeader(const FileHeader& header);
// Reads a header at the start of `bytes`. 0: there is none, or its check is wrong; else its length.
size_t ParseFileHeader(std::string_view bytes, FileHeader* header);

// Where the checks of a file's groups start from.
uint32_t GroupSeed(uint64_t salt);

struct GroupLine {
  uint64_t length = 0;
  uint64_t position = 0;
  uint32_t before = 0;
  uint64_t synced = 0;
  char policy = 'a';
  uint32_t check = 0;
};

inline constexpr std::string_view kGroupLineStart = "#C ";
inline constexpr size_t kGroupLineBytesMax = 96;
// Writes the line at `to`, which is right behind the group's records; fills in line->check. Returns the end.
char* EncodeGroupLine(std::string_view records, uint32_t seed, GroupLine* line, char* to);
// Reads the fields of a line at the start of `bytes`. 0: this is no such line; else its length. The check has not been
// looked at.
size_t ParseGroupLine(std::string_view bytes, GroupLine* line);
// The check that a line should have whose group's records have `crc`. `text` is the line as it stands in the file.
uint32_t GroupLineCheck(uint32_t crc, std::string_view text);
// `text` is the line as it stands behind `records`.
bool GroupCheckHolds(std::string_view records, std::string_view text, uint32_t seed, const GroupLine& line);

}  // namespace baton
