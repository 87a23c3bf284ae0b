// LATENCY ...: spikes that were seen (LATEST, HISTORY, GRAPH, DOCTOR) and how long each command takes (HISTOGRAM).

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.h"
#include "commands/command_names.h"
#include "commands/command_table.h"
#include "commands/context.h"
#include "commands/counters.h"
#include "commands/families.h"
#include "commands/help_reply.h"
#include "commands/latency_monitor.h"
#include "config/config.h"

namespace baton {
namespace {

void LatencyLatest(CommandContext& context) {
  const auto& events = context.host().latency_monitor().events();
  ReplyBuilder& reply = context.reply();
  reply.Array(static_cast<int64_t>(events.size()));
  for (const auto& [name, event] : events) {
    reply.Array(4);
    reply.Bulk(name);
    reply.Integer(event.samples.back().unix_seconds);
    reply.Integer(event.samples.back().duration_ms);
    reply.Integer(event.worst_ms);
  }
}

void LatencyHistory(CommandContext& context) {
  const LatencyMonitor::Event* event = context.host().latency_monitor().Find(context.arg(2));
  ReplyBuilder& reply = context.reply();
  if (event == nullptr) return reply.Array(0);
  reply.Array(static_cast<int64_t>(event->samples.size()));
  for (const auto& sample : event->samples) {
    reply.Array(2);
    reply.Integer(sample.unix_seconds);
    reply.Integer(sample.duration_ms);
  }
}

void LatencyReset(CommandContext& context) {
  LatencyMonitor& monitor = context.host().latency_monitor();
  int64_t forgotten = 0;
  if (context.argc() == 2) forgotten = static_cast<int64_t>(monitor.ResetAll());
  for (size_t i = 2; i < context.argc(); ++i) forgotten += monitor.Reset(context.arg(i)) ? 1 : 0;
  context.reply().Integer(forgotten);
}

// --- GRAPH

// "4m": how long ago, in the largest unit that fits; one character per line under its column.
std::string ShortAge(int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 86400) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

// A column per sample, the height in thirds of a line: '_' low, 'o' middle, '#' full; '|' below the top of a column.
std::string DrawGraph(const LatencyMonitor::Event& event, int64_t now_seconds) {
  constexpr int kRows = 4, kStepsPerRow = 3;
  constexpr char kTops[kStepsPerRow] = {'_', 'o', '#'};
  auto [low, high] = std::minmax_element(event.samples.begin(), event.samples.end(),
                                         [](const auto& a, const auto& b) { return a.duration_ms < b.duration_ms; });
  int64_t range = std::max<int64_t>(high->duration_ms - low->duration_ms, 1);
  std::string graph;
  for (int row = kRows - 1; row >= 0; --row) {
    for (const auto& sample : event.samples) {
      auto step = static_cast<int>((sample.duration_ms - low->duration_ms) * (kRows * kStepsPerRow - 1) / range);
      int top_row = step / kStepsPerRow;
      graph += row > top_row ? ' ' : row < top_row ? '|' : kTops[step % kStepsPerRow];
    }
    graph += '\n';
  }
  graph += '\n';
  std::vector<std::string> labels;
  size_t longest = 0;
  for (const auto& sample : event.samples) {
    labels.push_back(ShortAge(now_seconds - sample.unix_seconds));
    longest = std::max(longest, labels.back().size());
  }
  for (size_t i = 0; i < longest; ++i) {
    for (const std::string& label : labels) graph += i < label.size() ? label[i] : ' ';
    graph += '\n';
  }
  return graph;
}

void LatencyGraph(CommandContext& context) {
  const LatencyMonitor::Event* event = context.host().latency_monitor().Find(context.arg(2));
  if (event == nullptr) {
    return context.Error("ERR No samples available for event '" + errors::Shown(context.arg(2)) + "'");
  }
  int64_t high = event->samples.front().duration_ms, low = high;
  for (const auto& sample : event->samples) {
    high = std::max(high, sample.duration_ms);
    low = std::min(low, sample.duration_ms);
  }
  context.reply().Verbatim("txt", std::string(context.arg(2)) + " - high " + std::to_string(high) + " ms, low " +
                                      std::to_string(low) + " ms (all time high " + std::to_string(event->worst_ms) +
                                      " ms)\n" + std::string(80, '-') + "\n" +
                                      DrawGraph(*event, context.host().unix_us() / 1'000'000));
}

// --- DOCTOR

void LatencyDoctor(CommandContext& context) {
  const auto& events = context.host().latency_monitor().events();
  int64_t threshold_ms = context.host().config().Integer("latency-monitor-threshold");
  std::string report;
  if (threshold_ms == 0 && events.empty()) {
    report = "Latency monitoring is off. \"CONFIG SET latency-monitor-threshold <milliseconds>\" turns it on.\n";
  } else if (events.empty()) {
    report = "No event has taken " + std::to_string(threshold_ms) + " ms or longer since the server started.\n";
  } else {
    report = "Events that took latency-monitor-threshold or longer:\n\n";
    for (const auto& [name, event] : events) {
      int64_t sum = 0;
      for (const auto& sample : event.samples) sum += sample.duration_ms;
      auto count = static_cast<int64_t>(event.samples.size());
      report += "- " + name + ": " + std::to_string(count) + (count == 1 ? " spike, " : " spikes, ") +
                std::to_string(sum / count) + " ms on average, " + std::to_string(event.worst_ms) + " ms at worst\n";
    }
    report +=
        "\nFor slow commands see SLOWLOG GET and LATENCY HISTOGRAM; for a slow disk see log_sync_us_p99 in INFO "
        "persistence.\n";
  }
  context.reply().Verbatim("txt", report);
}

// --- HISTOGRAM

// A command's name, calls, and how many of them took at most 1, 2, 4 ... microseconds, as far as the number grows.
void WriteHistogram(ReplyBuilder& reply, const std::string& name, const LatencyHistogram& histogram) {
  std::vector<std::pair<int64_t, int64_t>> steps;
  int64_t seen = 0;
  for (int exponent = 0; exponent <= LatencyHistogram::kExponentMax; ++exponent) {
    auto count = static_cast<int64_t>(histogram.CountBelowPowerOfTwo(exponent));
    if (count > seen) steps.emplace_back(int64_t{1} << exponent, count);
    seen = count;
  }
  reply.Bulk(name);
  reply.Map(2);
  reply.Bulk("calls");
  reply.Integer(static_cast<int64_t>(histogram.total()));
  reply.Bulk("histogram_usec");
  reply.Map(static_cast<int64_t>(steps.size()));
  for (auto [bound_us, count] : steps) {
    reply.Integer(bound_us);
    reply.Integer(count);
  }
}

void LatencyHistogramOf(CommandContext& context) {
  const ServerCounters& counters = context.host().counters();
  const CommandTable& table = context.host().command_table();
  std::vector<std::pair<std::string, const LatencyHistogram*>> found;
  auto take = [&](const CommandRow& row, const std::string& name) {
    auto figures = counters.commands.find(&row);
    if (figures == counters.commands.end() || figures->second.latency.total() == 0) return;
    found.emplace_back(name, &figures->second.latency);
  };
  if (context.argc() == 2) ForEachCommand(table, take);
  for (size_t i = 2; i < context.argc(); ++i) {
    NamedCommand named = FindNamedCommand(table, context.arg(i));
    if (named.row == nullptr) continue;
    take(*named.row, named.name);
    for (const CommandRow& inner : named.row->subcommands) take(inner, named.name + "|" + std::string(inner.name));
  }
  context.reply().Map(static_cast<int64_t>(found.size()));
  for (const auto& [name, histogram] : found) WriteHistogram(context.reply(), name, *histogram);
}

void LatencyHelp(CommandContext& context) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    Return a human readable latency analysis report.",
      "GRAPH <event>",
      "    Return an ASCII latency graph for the <event> class.",
      "HISTORY <event>",
      "    Return time-latency samples for the <event> class.",
      "LATEST",
      "    Return the latest latency samples for all events.",
      "RESET [<event> ...]",
      "    Reset latency data of one or more <event> classes.",
      "    (default: reset all data for all event classes)",
      "HISTOGRAM [COMMAND ...]",
      "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
      "    If no commands are specified then all histograms are replied.",
  };
  ReplyHelp(context, kLines);
}

constexpr uint32_t kFlags = kAdmin | kNoScript | kLoading | kStale;
constexpr std::string_view kCategories = "admin slow dangerous";

constexpr CommandRow kSubcommands[] = {
    {.name = "doctor",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Return a human readable latency analysis report.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = LatencyDoctor},
    {.name = "graph",
     .arity = 3,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "event",
     .summary = "Return a latency graph for the event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = LatencyGraph},
    {.name = "help",
     .arity = 2,
     .flags = kLoading | kStale,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Show helpful text about the different subcommands.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = LatencyHelp},
    {.name = "histogram",
     .arity = -2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "[command [command ...]]",
     .summary = "Return the cumulative distribution of latencies of a subset of commands or all.",
     .complexity = "O(N) where N is the number of commands with latency information being retrieved.",
     .since = "7.0.0",
     .handler = LatencyHistogramOf},
    {.name = "history",
     .arity = 3,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "event",
     .summary = "Return timestamp-latency samples for the event.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = LatencyHistory},
    {.name = "latest",
     .arity = 2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "Return the latest latency samples for all events.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = LatencyLatest},
    {.name = "reset",
     .arity = -2,
     .flags = kFlags,
     .categories = kCategories,
     .group = CommandGroup::kServer,
     .syntax = "[event [event ...]]",
     .summary = "Reset latency data for one or more events.",
     .complexity = "O(1)",
     .since = "2.8.13",
     .handler = LatencyReset},
};

constexpr CommandRow kRows[] = {
    {.name = "latency",
     .arity = -2,
     .categories = "slow",
     .group = CommandGroup::kServer,
     .syntax = "",
     .summary = "A container for latency diagnostics commands",
     .complexity = "Depends on subcommand.",
     .since = "2.8.13",
     .subcommands = kSubcommands},
};

}  // namespace

std::span<const CommandRow> LatencyCommands() { return kRows; }

}  // namespace baton
