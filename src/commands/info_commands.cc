// INFO: which sections, in which order. What is in them: info_sections.cc and its neighbours.

#include "base/text.h"
#include "commands/context.h"
#include "commands/families.h"
#include "commands/info_sections.h"

namespace baton {
namespace {

bool IsAskedFor(const InfoSection& section, const CommandContext& context) {
  if (context.argc() == 1) return section.is_default;
  for (size_t i = 1; i < context.argc(); ++i) {
    std::string_view word = context.arg(i);
    if (EqualsIgnoreCase(word, section.name) || EqualsIgnoreCase(word, "all") || EqualsIgnoreCase(word, "everything") ||
        (section.is_default && EqualsIgnoreCase(word, "default"))) {
      return true;
    }
  }
  return false;
}

void Info(CommandContext& context) {
  InfoText text;
  for (const InfoSection& section : InfoSections()) {
    if (!IsAskedFor(section, context)) continue;
    text.Title(section.title);
    section.write(context.host(), text);
  }
  context.reply().Verbatim("txt", text.text());
}

constexpr CommandRow kRows[] = {
    {.name = "info",
     .arity = -1,
     .flags = kLoading | kStale,
     .categories = "slow dangerous",
     .group = CommandGroup::kServer,
     .syntax = "[section [section ...]]",
     .summary = "Get information and statistics about the server",
     .complexity = "O(1)",
     .since = "1.0.0",
     .handler = Info},
};

}  // namespace

std::span<const CommandRow> InfoCommands() { return kRows; }

}  // namespace baton
