#include "log/manifest.h"

#include <algorithm>
#include "base/numbers.h"
#include "base/text.h"

namespace baton {
namespace {

constexpr uint64_t kManifestBytesMax = 16 << 20;
constexpr uint64_t kZerosPieceBytes = 256 << 10;

bool NeedsQuotes(std::string_view name) {
  for (char c : name) {
    if (c <= ' ' || c == '"' || c == '\'' || c == '\\' || static_cast<unsigned char>(c) >= 127) return true;
  }
  return name.empty();
}

// Splits a line into words as Redis's configuration does: blanks between, "quoted \x20" or 'quoted' where needed.
bool SplitWords(std::string_view line, std::vector<std::string>* words) {
  const auto hex = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  size_t at = 0;
  while (true) {
    while (at < line.size() && blank(line[at])) ++at;
    if (at == line.size()) return true;
    std::string word;
    if (line[at] != '"' && line[at] != '\'') {
      while (at < line.size() && !blank(line[at])) word += line[at++];
      words->push_back(word);
      continue;
    }
    const char quote = line[at++];
    for (; at < line.size() && line[at] != quote; ++at) {
      if (line[at] != '\\' || at + 1 == line.size()) {
        word += line[at];
      } else if (quote == '\'') {
        if (line[at + 1] == '\'') ++at;
        word += line[at];
      } else if (line[at + 1] == 'x' && at + 3 < line.size() && hex(line[at + 2]) >= 0 && hex(line[at + 3]) >= 0) {
        word += static_cast<char>(hex(line[at + 2]) * 16 + hex(line[at + 3]));
        at += 3;
      } else {
        const std::string_view from = "nrtab", to = "\n\r\t\a\b";
        const size_t escape = from.find(line[++at]);
        word += escape == std::string_view::npos ? line[at] : to[escape];
      }
    }
    if (at == line.size()) return false;
    ++at;
    if (at < line.size() && !blank(line[at])) return false;
    words->push_back(word);
  }
}

std::string Line(const Manifest::File& file, char type) {
  std::string line = "file " + (NeedsQuotes(file.name) ? QuoteBytes(file.name) : file.name);
  line += " seq " + std::to_string(file.sequence) + " type ";
  line += type;
  return line + "\n";
}

struct ParsedLine {
  Manifest::File file;
  char type = 0;
};

bool ParseLine(const std::vector<std::string>& words, ParsedLine* line) {
  if (words.size() < 6 || words.size() % 2 != 0) return false;
  for (size_t i = 0; i < words.size(); i += 2) {
    if (EqualsIgnoreCase(words[i], "file")) {
      line->file.name = words[i + 1];
    } else if (EqualsIgnoreCase(words[i], "seq")) {
      int64_t sequence = 0;
      if (!ParseInt64(words[i + 1], &sequence) || sequence <= 0) return false;
      line->file.sequence = static_cast<uint64_t>(sequence);
    } else if (EqualsIgnoreCase(words[i], "type")) {
      if (words[i + 1].size() != 1) return false;
      line->type = words[i + 1][0];
    }
  }
  const bool plain_name = !line->file.name.empty() && line->file.name.find('/') == std::string::npos;
  return plain_name && line->file.sequence != 0 && (line->type == 'b' || line->type == 'i' || line->type == 'h');
}

}  // namespace

std::string Manifest::Format() const {
  std::string text;
  if (base) text += Line(*base, 'b');
  for (const File& file : history) text += Line(file, 'h');
  for (const File& file : segments) text += Line(file, 'i');
  return text;
}

Result<Manifest> Manifest::Parse(std::string_view text) {
  Manifest manifest;
  size_t number = 0;
  const auto wrong = [&](const char* what) {
    return Status::Error("line " + std::to_string(number) + " of the manifest " + what);
  };
  while (!text.empty()) {
    ++number;
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return wrong("is not ended by a newline");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with('#')) continue;
    std::vector<std::string> words;
    ParsedLine parsed;
    if (!SplitWords(line, &words) || !ParseLine(words, &parsed)) {
      return wrong("is not of the form \"file <name> seq <number> type <b|i|h>\"");
    }
    if (parsed.type == 'h') {
      manifest.history.push_back(parsed.file);
    } else if (parsed.type == 'b') {
      if (manifest.base) return wrong("names a second base file");
      manifest.base = parsed.file;
    } else {
      if (parsed.file.sequence <= manifest.newest_segment_sequence()) return wrong("is out of order: seq must go up");
      manifest.segments.push_back(parsed.file);
    }
  }
  if (!manifest.base && manifest.segments.empty()) return Status::Error("the manifest names no file");
  return manifest;
}

bool LogFileNames::IsNumbered(const std::string& name, uint64_t* sequence, bool* is_base) const {
  const std::string prefix = stem + ".";
  constexpr std::string_view kBaseEnd = ".base.aof", kSegmentEnd = ".incr.aof";
  if (!name.starts_with(prefix)) return false;
  *is_base = name.ends_with(kBaseEnd);
  if (!*is_base && !name.ends_with(kSegmentEnd)) return false;
  if (name.size() < prefix.size() + kBaseEnd.size()) return false;
  const std::string_view digits =
      std::string_view(name).substr(prefix.size(), name.size() - prefix.size() - kBaseEnd.size());
  int64_t number = 0;
  if (!ParseInt64(digits, &number) || number <= 0) return false;
  *sequence = static_cast<uint64_t>(number);
  return true;
}

Result<std::string> ReadWholeFile(FileSystem& files, const std::string& path, uint64_t bytes_max) {
  auto file = files.OpenRead(path);
  if (!file.ok()) return file.status();
  const uint64_t size = (*file)->size();
  if (size > bytes_max) return Status::Error(path + " is too large: " + std::to_string(size) + " bytes");
  std::string bytes(size, '\0');
  auto n = (*file)->ReadAt(0, bytes.data(), bytes.size());
  if (!n.ok()) return n.status();
  bytes.resize(*n);
  return bytes;
}

Status WriteWholeFile(FileSystem& files, const std::string& path, std::string_view bytes) {
  auto file = files.OpenAppend(path, FileSystem::OpenMode::kCreateOrTruncate);
  if (!file.ok()) return file.status();
  size_t written = 0;
  if (Status status = (*file)->Append(bytes, &written); !status.ok()) return status;
  return (*file)->Sync();
}

Status AppendZeros(AppendFile& file, uint64_t bytes) {
  const std::string zeros(std::min(kZerosPieceBytes, bytes), '\0');
  while (bytes > 0) {
    const size_t piece = std::min<uint64_t>(zeros.size(), bytes);
    size_t written = 0;
    if (Status status = file.Append(std::string_view(zeros).substr(0, piece), &written); !status.ok()) return status;
    bytes -= piece;
  }
  return Status::Ok();
}

Status WriteManifestTemp(FileSystem& files, const LogFileNames& names, const Manifest& manifest) {
  const std::string text = manifest.Format();
  CHECK(text.size() <= kManifestBytesMax);
  return WriteWholeFile(files, names.Path(names.manifest_temp()), text);
}

Status SwapManifest(FileSystem& files, const LogFileNames& names, const Manifest& manifest, bool* in_force) {
  *in_force = false;
  if (Status status = WriteManifestTemp(files, names, manifest); !status.ok()) return status;
  if (Status status = files.Rename(names.Path(names.manifest_temp()), names.Path(names.manifest())); !status.ok()) {
    return status;
  }
  *in_force = true;
  return files.SyncDirectory(names.directory);
}

}  // namespace baton
