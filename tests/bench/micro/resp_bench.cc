#include <benchmark/benchmark.h>

#include <string>

#include "resp/reply_builder.h"
#include "resp/request_parser.h"

// What one request costs between the socket and its handler, and one reply on its way back. Times are per request or
// reply.
namespace baton {
namespace {

std::string Encode(std::initializer_list<std::string_view> words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (std::string_view word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + std::string(word) + "\r\n";
  return bytes;
}

std::string Repeat(const std::string& bytes, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += bytes;
  return repeated;
}

constexpr int kPipeline = 128;

void ParseAll(RequestParser& parser, std::string_view bytes, const RequestLimits& limits) {
  while (parser.Next(bytes, limits) == RequestParser::Outcome::kRequest) {
    benchmark::DoNotOptimize(parser.argv().data());
    bytes.remove_prefix(parser.consumed());
  }
}

void ParsePipelined(benchmark::State& state, const std::string& request) {
  std::string stream = Repeat(request, kPipeline);
  RequestParser parser;
  RequestLimits limits;
  for (auto _ : state) ParseAll(parser, stream, limits);
  state.SetItemsProcessed(state.iterations() * kPipeline);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * stream.size()));
}

void ParseLpush64(benchmark::State& state) { ParsePipelined(state, Encode({"LPUSH", "queue", std::string(64, 'x')})); }
void ParsePing(benchmark::State& state) { ParsePipelined(state, Encode({"PING"})); }
void ParseBlmove(benchmark::State& state) { ParsePipelined(state, Encode({"BLMOVE", "a", "b", "LEFT", "RIGHT", "0"})); }
void ParseInline(benchmark::State& state) { ParsePipelined(state, "LPUSH queue some-payload\r\n"); }
BENCHMARK(ParseLpush64);
BENCHMARK(ParsePing);
BENCHMARK(ParseBlmove);
BENCHMARK(ParseInline);

void ParseCutInEveryRequest(benchmark::State& state) {
  std::string request = Encode({"LPUSH", "queue", std::string(64, 'x')});
  RequestParser parser;
  RequestLimits limits;
  for (auto _ : state) {
    ParseAll(parser, std::string_view(request).substr(0, request.size() / 2), limits);
    ParseAll(parser, request, limits);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ParseCutInEveryRequest);

template <typename Write>
void WriteReplies(benchmark::State& state, Write write) {
  OutputBuffer out;
  ReplyBuilder reply(out, 2);
  for (auto _ : state) {
    for (int i = 0; i < kPipeline; ++i) write(reply, i);
    benchmark::DoNotOptimize(out.Front(UINT64_MAX));
    out.Consume(out.size());
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}

void ReplyOk(benchmark::State& state) {
  WriteReplies(state, [](ReplyBuilder& reply, int) { reply.Ok(); });
}
void ReplyInteger(benchmark::State& state) {
  WriteReplies(state, [](ReplyBuilder& reply, int i) { reply.Integer(1'000'000 + i); });
}
void ReplyBulk64(benchmark::State& state) {
  std::string payload(64, 'x');
  WriteReplies(state, [&](ReplyBuilder& reply, int) { reply.Bulk(payload); });
}
void ReplyDeferredArray(benchmark::State& state) {
  WriteReplies(state, [](ReplyBuilder& reply, int) {
    uint64_t mark = reply.BeginDeferredArray();
    for (int i = 0; i < 4; ++i) reply.Integer(i);
    reply.EndDeferredArray(mark, 4);
  });
}
BENCHMARK(ReplyOk);
BENCHMARK(ReplyInteger);
BENCHMARK(ReplyBulk64);
BENCHMARK(ReplyDeferredArray);

void GatherAndConsumeAMegabyte(benchmark::State& state) {
  OutputBuffer out;
  ReplyBuilder reply(out, 2);
  std::string payload(64, 'x');
  for (auto _ : state) {
    for (int i = 0; i < 16 * 1024; ++i) reply.Bulk(payload);
    std::string_view runs[64];
    while (size_t count = out.Gather(UINT64_MAX, runs, 64)) {
      size_t bytes = 0;
      for (size_t i = 0; i < count; ++i) bytes += runs[i].size();
      out.Consume(bytes);
    }
  }
  state.SetItemsProcessed(state.iterations() * 16 * 1024);
}
BENCHMARK(GatherAndConsumeAMegabyte);

}  // namespace
}  // namespace baton

BENCHMARK_MAIN();
