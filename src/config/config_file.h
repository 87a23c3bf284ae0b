#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// The configuration file is the operator's, outside of the data directory and read before there is a server; so it does
// not go through env/file_system.h, which stands for the disk that holds the data.
namespace baton::config_file {

Result<std::string> Read(const std::string& path);
Result<std::string> ReadAll(std::FILE* file, const std::string& name);

bool IsPattern(std::string_view path);                          // has `*`, `?` or `[`
std::vector<std::string> Matching(const std::string& pattern);  // by name; empty when none

// Puts `text` in the place of the file, or of what it is a link to: a temporary file in the same directory with the
// same mode and owner, synced, renamed over it, and the directory synced. On an error the old file is as it was.
Status Replace(const std::string& path, std::string_view text);

}  // namespace baton::config_file
