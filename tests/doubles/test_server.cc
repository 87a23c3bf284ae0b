#include "doubles/test_server.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace baton {

TestServer::TestServer(std::vector<std::string> options, uint64_t seed)
    : own_disk_(std::make_unique<SimFileSystem>(seed)),
      own_clock_(std::make_unique<ManualClock>()),
      disk_(*own_disk_),
      clock_(*own_clock_) {
  Configure(options);
  Start(seed);
  if (report_->ok()) Settle();
}

TestServer::TestServer(SimFileSystem& disk, ManualClock& clock, std::vector<std::string> options, uint64_t seed)
    : disk_(disk), clock_(clock) {
  Configure(options);
  Start(seed);
  if (report_->ok()) Settle();
}

TestServer::TestServer(SimFileSystem& disk, ManualClock& clock, const Config& config, uint64_t seed)
    : disk_(disk), clock_(clock), config_(config) {
  Start(seed);
}

TestServer::~TestServer() {
  sync_runner_.Forget();
  job_runner_.Forget();
}

void TestServer::Configure(const std::vector<std::string>& options) {
  std::vector<std::string> notes;
  Status loaded = config_.LoadArguments(options, &notes);
  if (!loaded.ok()) report_ = std::make_unique<Result<RecoveryReport>>(loaded);
}

void TestServer::Start(uint64_t seed) {
  if (report_ != nullptr) return;
  logger_ = std::make_unique<Logger>(LogLevel::kNotice,
                                     [this](LogLevel, std::string_view line) { log_lines_.emplace_back(line); });
  ServerFacts facts;
  facts.run_id = std::string(40, '0');
  facts.executable = "/usr/local/bin/baton-server";
  facts.pid = 1;
  facts.started_unix_ms = clock_.UnixMs();
  facts.started_monotonic_ns = clock_.MonotonicNs();
  server_ = std::make_unique<Server>(
      Server::Parts{config_, disk_, clock_, sync_runner_, job_runner_, *logger_, seed, std::move(facts)});
  report_ = std::make_unique<Result<RecoveryReport>>(server_->Start({}));
}

void TestServer::Settle() {
  while (server_->EndTurn()) {
  }
}

void TestServer::Advance(int64_t ms) {
  int64_t end_ns = clock_.MonotonicNs() + ms * 1'000'000;
  while (clock_.MonotonicNs() < end_ns) {
    const int64_t next_ns = std::min(std::max(server_->NextDeadlineNs(), clock_.MonotonicNs() + 1'000'000), end_ns);
    clock_.AdvanceNs(next_ns - clock_.MonotonicNs());
    Settle();
  }
}

Status TestServer::Stop() { return server_->Stop(); }

void TestServer::Kill() {
  sync_runner_.Forget();
  job_runner_.Forget();
  server_.reset();
}

TestClient::TestClient(TestServer& server) : server_(server) {
  session_ = &server_.server().OpenSession(*this, "127.0.0.1:50000", "127.0.0.1:6379", 8, false);
  id_ = session_->id;
}

TestClient::~TestClient() { Disconnect(); }

void TestClient::Disconnect() {
  if (session_ == nullptr) return;
  Leave();
  server_.Settle();
}

void TestClient::Leave() {
  if (session_ == nullptr) return;
  server_.server().Disconnected(*session_);
  session_ = nullptr;
}

void TestClient::Close() {
  closed_ = true;
  session_ = nullptr;
}

void TestClient::Send(Session& session) {
  std::string_view run;
  while (accepts_ && room_ > 0 && session.Gather(&run, 1) == 1) {
    run = run.substr(0, room_);
    room_ -= run.size();
    received_ += run;
    session.Sent(run.size());
  }
}

void TestClient::set_accepts(bool accepts) {
  accepts_ = accepts;
  if (!accepts_ || session_ == nullptr) return;
  Send(*session_);
  server_.server().OnSent(*session_);
  server_.Settle();
}

void TestClient::Feed(std::string_view bytes) {
  while (!bytes.empty() && session_ != nullptr) {
    std::span<char> space = server_.server().ReadSpace(*session_);
    size_t count = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), count);
    server_.server().OnRead(*session_, count);
    bytes.remove_prefix(count);
  }
}

std::string TestClient::SendBytes(std::string_view bytes) {
  Feed(bytes);
  server_.Settle();
  return Receive();
}

std::string TestClient::Send(const std::vector<std::string>& words) { return SendBytes(Encode(words)); }
std::string TestClient::Send(std::string_view line) { return Send(Split(line)); }

std::string TestClient::Receive() { return std::exchange(received_, {}); }

std::string TestClient::Encode(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

std::vector<std::string> TestClient::Split(std::string_view line) {
  std::vector<std::string> words;
  size_t i = 0;
  while (i < line.size()) {
    if (line[i] == ' ') {
      ++i;
      continue;
    }
    std::string word;
    bool quoted = line[i] == '"';
    if (quoted) ++i;
    for (; i < line.size() && (quoted ? line[i] != '"' : line[i] != ' '); ++i) {
      if (!quoted || line[i] != '\\') {
        word += line[i];
        continue;
      }
      char c = line[++i];
      if (c == 'x') {
        word += static_cast<char>(std::stoi(std::string(line.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        word += c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c;
      }
    }
    if (quoted) ++i;
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace baton
