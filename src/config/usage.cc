#include "config/usage.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace baton {
namespace {

constexpr std::string_view kUsage =
    "Usage: baton-server [/path/to/baton.conf | -] [--option word...]...\n"
    "       baton-server --help | --version\n"
    "\n"
    "A queue server that speaks the Redis protocol. \"-\" reads the configuration from standard input. Options on the\n"
    "command line are those of the file, with -- before them, and win over it.\n"
    "\n"
    "Examples:\n"
    "  baton-server                                       the defaults: port 6379, data in ./appendonlydir\n"
    "  baton-server /etc/baton/baton.conf\n"
    "  baton-server --port 7777 --dir /var/lib/baton\n"
    "  baton-server /etc/baton/baton.conf --appendfsync everysec --loglevel verbose\n"
    "  echo 'maxmemory 1gb' | baton-server -\n"
    "\n"
    "Options, with their defaults (conf/baton.conf explains each; the other options of Redis are accepted and do "
    "nothing):\n";

// The text in lines of at most `width` bytes, each behind `prefix`; a newline in it starts a new one.
std::string Wrap(std::string_view text, std::string_view prefix, size_t width) {
  std::string wrapped;
  std::string line(prefix);
  auto end_line = [&] {
    while (line.ends_with(' ')) line.pop_back();
    wrapped += line + "\n";
    line = prefix;
  };
  while (!text.empty()) {
    size_t length = std::min(text.find_first_of(" \n"), text.size());
    if (line.size() > prefix.size() && line.size() + length > width) end_line();
    line += text.substr(0, length);
    text.remove_prefix(length);
    if (text.starts_with('\n')) {
      end_line();
    } else if (!text.empty()) {
      line += ' ';
    }
    if (!text.empty()) text.remove_prefix(1);
  }
  end_line();
  return wrapped;
}

std::string DefaultText(const OptionRow& row) {
  return row.default_value.empty() ? "\"\"" : std::string(row.default_value);
}

}  // namespace

std::string UsageText() {
  std::string text(kUsage);
  for (const OptionRow& row : Config::Rows()) {
    if (!row.has_meaning) continue;
    char line[200];
    std::snprintf(line, sizeof line, "  --%-33s %s\n", std::string(row.name).c_str(), DefaultText(row).c_str());
    text += line;
  }
  return text;
}

std::string VersionText() {
  return "Baton " BATON_VERSION " (" + std::to_string(sizeof(void*) * 8) +
         " bits), speaks the protocol of Redis 7.0.15\n";
}

std::string DefaultConfigText() {
  constexpr size_t kWidth = 100;
  std::string text = Wrap(
      "The configuration of baton-server, with every option at its default. Generated from "
      "src/config/option_rows.cc: 'make docs' writes it again.\n\n"
      "Start the server with it: baton-server /path/to/baton.conf. Options on the command line win over the file: "
      "--port 7777. Most can be changed while the server runs, with CONFIG SET; CONFIG REWRITE then writes them "
      "into this file, keeping comments and order.\n\n"
      "One option a line, name first. A line that begins with # is a comment; there are none behind a value. Quote "
      "a word that has blanks in it: \"a \\x41 b\" knows the escapes \\n \\r \\t \\b \\a \\\" \\\\ and \\xHH, 'a "
      "b' only \\'. Sizes: 1k is 1000 bytes, 1kb is 1024, and so on for m, mb, g and gb, in any case.\n\n"
      "include /path/to/other.conf reads another file in place, include /path/to/*.conf all that match. Of two "
      "lines for the same option the later one counts: include first what this file shall override.",
      "# ", kWidth);
  std::string_view section;
  bool unused_part = false;
  for (const OptionRow& row : Config::Rows()) {
    bool new_section = row.section != section;
    if (!row.has_meaning && !unused_part) {
      unused_part = true;
      text += "\n" + std::string(kWidth, '#') + "\n" +
              Wrap(
                  "Options of Redis that do nothing here. They are accepted, so that an existing redis.conf works, and "
                  "each "
                  "start says which of them were met. Those marked \"refused\" take no other value than the one shown, "
                  "because doing nothing would then be worse than an error.",
                  "# ", kWidth);
    }
    if (new_section) {
      section = row.section;
      text += "\n" + std::string("#### ") + std::string(section) + " " + std::string(kWidth - 6 - section.size(), '#') +
              "\n";
      if (!row.has_meaning) text += Wrap("Why: " + std::string(row.comment) + ".", "# ", kWidth) + "#\n";
    }
    if (!row.has_meaning) {
      text += "# " + std::string(row.name) + " " + DefaultText(row);
      if (!row.alias.empty()) text += "   (also " + std::string(row.alias) + ")";
      text += row.refusal.empty() ? "\n" : "   (refused: any other value)\n";
      continue;
    }
    std::string facts = DescribeOption(row);
    facts += "; default " + DefaultText(row);
    facts += row.is_protected || !row.mutable_at_runtime ? "; fixed while the server runs" : "; CONFIG SET changes it";
    text += "\n" + Wrap(row.comment, "# ", kWidth) + Wrap("(" + facts + ")", "# ", kWidth);
    text += row.default_value.empty() ? "# " + std::string(row.name) + " " + std::string(row.example) + "\n"
                                      : std::string(row.name) + " " + std::string(row.default_value) + "\n";
  }
  return text;
}

}  // namespace baton
