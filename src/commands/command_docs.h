#pragma once

#include <string>

namespace baton {

// Every command as Markdown, one table per group, made from the command table: the README's list.
std::string CommandTableMarkdown();

}  // namespace baton
