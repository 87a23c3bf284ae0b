#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/option_row.h"
#include "config/option_value.h"

namespace baton {

// What `client-output-buffer-limit` says of one class of clients. 0 = no limit.
struct OutputLimits {
  int64_t hard_bytes = 0;
  int64_t soft_bytes = 0;
  int64_t soft_seconds = 0;
};

// The values in force. A value, copyable: a copy is how a caller keeps what was, to put it back. Reading is by name
// (one hash lookup; hot paths keep their own copy, refreshed by the server's ApplyConfig).
//
// Everything is made from the rows (option_row.h): parsing, CONFIG GET/SET/REWRITE, conf/baton.conf, --help. A file is
// read in Redis's syntax, one "name word..." per line:
//
//   line    = blanks [ "#" anything | word { blanks word } ] [ "\r" ] "\n"
//   word    = { plain | '"' { char | "\" escape } '"' | "'" { char | "\'" } "'" }     a closing quote ends the word
//   escape  = "n" | "r" | "t" | "b" | "a" | "x" hex hex | any other byte, which stands for itself
//
// Later lines win over earlier ones. `include path` reads another file in place; with `*`, `?` or `[` in it, every file
// that matches, in order of name, possibly none.
class Config {
 public:
  Config();  // defaults

  static std::span<const OptionRow> Rows();                // in the order of conf/baton.conf
  static const OptionRow* FindRow(std::string_view name);  // any case; aliases too

  // A whole file or text. An error says origin, line and column (in bytes, from 1), what was wrong, what is allowed,
  // and for an unknown word the nearest name; what stood before it has been taken over, so the caller gives up or
  // starts from a fresh Config. `notes` (may be null) receives a line per accepted option without meaning.
  Status LoadFile(const std::string& path, std::vector<std::string>* notes);
  Status LoadText(std::string_view text, const std::string& origin, std::vector<std::string>* notes);
  // argv after the program name: [file|-] [--name word...]... [-]. A lone "-", first or last, is standard input.
  // Whatever the order, options win over standard input, which wins over the file.
  Status LoadArguments(const std::vector<std::string>& arguments, std::vector<std::string>* notes,
                       std::FILE* standard_input = stdin);

  // Typed reads; CHECK fails for an unknown name or a wrong type.
  bool Bool(std::string_view name) const;
  int64_t Integer(std::string_view name) const;     // kInteger, kBytes, kTime (seconds), kOctal
  std::string String(std::string_view name) const;  // kString, kEnum; kWords joined by a space
  std::vector<std::string> Words(std::string_view name) const;
  OutputLimits ClientOutputLimits(std::string_view client_class) const;  // "normal", "slave", "pubsub"

  // CONFIG GET: Redis's printed form. A pattern without `*`, `?` and `[` is a name, and comes back spelled as it was
  // asked for; else every option and alias that matches, sorted by name.
  std::map<std::string, std::string> Get(std::string_view glob) const;
  // CONFIG SET of one option: checks and stores. The message is what follows Redis's
  // "CONFIG SET failed (possibly related to argument 'x') - ". Whether the option may change while the server runs
  // (mutable_at_runtime, is_protected) is the command's question: start-up code and tests set anything.
  Status Set(std::string_view name, std::string_view value);
  // All of the value, as CONFIG REWRITE writes it.
  std::string Printed(std::string_view name) const;

  // CONFIG REWRITE: reads the loaded file again, keeps its comments and order, changes the lines of options whose value
  // is no longer what the file says, and appends the rest below a marker line. Writes a temporary file, syncs it and
  // renames it over the old one; nothing is written when nothing changed. On an error the old file is as it was.
  Status Rewrite() const;
  const std::string& file_path() const { return file_path_; }  // absolute; empty when none

 private:
  struct Place;  // where a line stands, for errors

  const OptionValue& Value(std::string_view name) const;
  Status LoadLines(std::string_view text, const std::string& origin, int depth, std::vector<std::string>* notes);
  Status LoadLine(const Place& place, std::string_view line, int depth, std::vector<std::string>* notes);
  Status Include(const Place& place, const std::string& pattern, int depth, std::vector<std::string>* notes);

  std::vector<OptionValue> values_;  // one per row, in the rows' order
  std::string file_path_;
};

}  // namespace baton
