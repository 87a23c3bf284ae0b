#pragma once

#include <cinttypes>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "commands/host.h"

namespace baton {

// The text of INFO while it is written: "name:value" lines under "# Title" lines, a blank line between sections.
class InfoText {
 public:
  void Title(std::string_view title);
  void Line(std::string_view name, std::string_view value);
  void Line(std::string_view name, const char* value) { Line(name, std::string_view(value)); }
  void Line(std::string_view name, uint64_t value) { Line(name, std::to_string(value)); }
  void Line(std::string_view name, int64_t value) { Line(name, std::to_string(value)); }
  void Line(std::string_view name, int value) { Line(name, std::to_string(value)); }
  void Line(std::string_view name, bool value) { Line(name, std::string_view(value ? "1" : "0")); }
  void Decimal(std::string_view name, double value, int digits, std::string_view unit = {});
  // The bytes, and a line name_human beside it.
  void Bytes(std::string_view name, uint64_t value);
  // Fields that are what they are on this server, whatever happens: Redis's clients look for them.
  struct Constant {
    std::string_view name, value;
  };
  void Constants(std::span<const Constant> constants);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// One section. Field names are Redis's where the field means the same here; ours follow in each section.
struct InfoSection {
  std::string_view name;  // as asked for, lower case
  std::string_view title;
  bool is_default;  // INFO without arguments shows it
  void (*write)(Host& host, InfoText& text);
};
std::span<const InfoSection> InfoSections();

// The longer ones stand in files of their own.
void WriteInfoPersistence(Host& host, InfoText& text);  // info_persistence.cc
void WriteInfoQueues(Host& host, InfoText& text);       // info_queues.cc
void WriteInfoStats(Host& host, InfoText& text);        // info_stats.cc, with the three below
void WriteInfoCommandStats(Host& host, InfoText& text);
void WriteInfoErrorStats(Host& host, InfoText& text);
void WriteInfoLatencyStats(Host& host, InfoText& text);

}  // namespace baton
