#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace baton {

enum class OptionType : uint8_t { kBool, kInteger, kBytes, kEnum, kString, kWords, kTime /*ms*/ };

// One row per option: parsing, CONFIG GET/SET/REWRITE, conf/baton.conf and --help are all made from it.
struct OptionRow {
  std::string_view name;
  std::string_view alias;            // an older name of Redis's, or empty
  OptionType type;
  std::string_view default_value;    // as written in the file
  int64_t min = 0, max = INT64_MAX;  // numbers
  std::string_view choices;          // kEnum: "always|everysec|no"
  bool mutable_at_runtime = true;    // CONFIG SET works
  bool has_meaning = true;           // false: an option of Redis that is accepted with a note and kept only for CONFIG GET
  bool repeatable = false;           // several lines add up ("client-output-buffer-limit", "include")
  std::string_view comment;          // what stands above it in conf/baton.conf; for !has_meaning: why not
};

// The values in force. Reading is by name (constant-time; hot paths keep their own copy, refreshed by the server's ApplyConfig).
class Config {
 public:
  Config();  // defaults

  static std::span<const OptionRow> Rows();
  static const OptionRow* FindRow(std::string_view name);  // any case; aliases too

  // A whole file or --options text, in Redis's syntax: one "name value..." per line, quotes, comments, include. Errors name file,
  // line, column, what was wrong, and the nearest name. `notes` receives a line per accepted option without meaning.
  Status LoadFile(const std::string& path, std::vector<std::string>* notes);
  Status LoadText(std::string_view text, const std::string& origin, std::vector<std::string>* notes);
  // argv after the program name: [file|-] [--name value...]...
  Status LoadArguments(const std::vector<std::string>& arguments, std::vector<std::string>* notes);

  // Typed reads; CHECK fails for an unknown name or a wrong type.
  bool Bool(std::string_view name) const;
  int64_t Integer(std::string_view name) const;  // kInteger, kBytes, kTime (ms)
  std::string String(std::string_view name) const;   // kString, kEnum; kWords joined by a space
  std::vector<std::string> Words(std::string_view name) const;

  // CONFIG GET: Redis's printed form of every option matching the glob, sorted by name.
  std::map<std::string, std::string> Get(std::string_view glob) const;
  // CONFIG SET of one option: checks and stores. The message is what follows Redis's
  // "CONFIG SET failed (possibly related to argument 'x') - ".
  Status Set(std::string_view name, std::string_view value);
  // Bounds the server must know to put an old value back.
  std::string Printed(std::string_view name) const;

  // CONFIG REWRITE: keeps comments and order of the file that was loaded, changes lines whose value changed, appends the rest.
  // An error when no file was loaded. Writes through a temporary file and rename.
  Status Rewrite();
  const std::string& file_path() const { return file_path_; }  // absolute; empty when none

 private:
  std::string file_path_;
};

}  // namespace baton
