#pragma once

#include <string>
#include <vector>

#include "config/option_row.h"

// What single options ask of their words beyond a type. See OptionCheck for the arguments.
namespace baton::option_checks {

Status BindAddresses(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
// An absolute path without "." and "..": the server may change its working directory.
Status Directory(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status FileName(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status OptionalFileName(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
// Class, hard limit, soft limit, soft seconds, for one or more classes; the other classes keep what they have.
Status BufferLimits(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
// Moves what is too small or too large into 1..500, as Redis does.
Status Frequency(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);

// Letters in Redis's order, A for as many as it stands for.
Status EventClasses(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
// Redis does not show an n that stands beside A, though it is in force.
std::string EventClassesShown(const std::vector<std::string>& words);

// Policies of queues: a line adds to the ones before it, or replaces the one of its name. A ";" stands between two.
Status QueuePolicies(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);

// Of options without meaning here: a wrong value is still a wrong value.
Status SavePoints(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status BacklogSize(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status MemoryOrPercent(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status Percentiles(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status OomScores(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status ShutdownWords(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);
Status ReplicaOf(const OptionRow& row, const std::vector<std::string>& current, std::vector<std::string>* words);

}  // namespace baton::option_checks
