#pragma once

#include <string>

// What baton-server prints about itself and ends: --help, --version, --print-default-config.
namespace baton {

std::string UsageText();
std::string VersionText();
// conf/baton.conf, made from the rows.
std::string DefaultConfigText();

}  // namespace baton
