#include "crash/life.h"

#include <algorithm>
#include <charconv>

#include "doubles/queue_audit.h"

namespace baton {
namespace {

constexpr size_t kTraceLinesMax = 250;
constexpr int kWitnesses = 4;

// The end of the reply at the front of `bytes`; npos when it is not all there.
size_t EndOfReply(std::string_view bytes) {
  int64_t left = 1;
  size_t at = 0;
  while (left > 0) {
    const size_t line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos) return line_end;
    int64_t number = -1;
    if (bytes[at] == '$' || bytes[at] == '*') std::from_chars(&bytes[at + 1], &bytes[line_end], number);
    const bool has_body = bytes[at] == '$' && number >= 0;
    left += bytes[at] == '*' && number > 0 ? number - 1 : -1;
    at = line_end + 2 + (has_body ? static_cast<size_t>(number) + 2 : 0);
    if (at > bytes.size()) return std::string_view::npos;
  }
  return at;
}

std::string Shown(std::string_view bytes) {
  std::string text;
  for (char c : bytes.substr(0, 60)) text += c == '\r' ? ' ' : c == '\n' ? '|' : c;
  return bytes.size() > 60 ? text + "..." : text;
}

std::string Shown(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += Shown(word) + " ";
  return text;
}

// Whether there is an event that only a change has. LTRIM that takes nothing off and a look in vain have one, too, and
// rest on what they saw; of SWAPDB and FLUSHALL nothing is told.
bool TellsOfAChange(std::string_view messages) {
  constexpr std::string_view kEvent = "__keyevent@";
  for (size_t at = 0; (at = messages.find(kEvent, at)) != std::string_view::npos; at += kEvent.size()) {
    const std::string_view name = messages.substr(messages.find("__:", at + kEvent.size()) + 3);
    if (!name.starts_with("ltrim\r") && !name.starts_with("keymiss\r")) return true;
  }
  return false;
}

}  // namespace

Life::Life(const Plan& plan, SimFileSystem& disk, ManualClock& clock, uint64_t seed, Memory& memory)
    : plan_(plan),
      disk_(disk),
      clock_(clock),
      random_(seed),
      memory_(memory),
      mood_(DrawMood(random_, plan)) {}

// In one life syncs end at once, in another never, or rewrites drag on, or time flies.
Life::Mood Life::DrawMood(Random& random, const Plan& plan) {
  auto one_of = [&](std::initializer_list<uint64_t> weights) { return weights.begin()[random.Below(weights.size())]; };
  return {.send = 20,
          .turn = one_of({1, 4, 12}),
          .sync = one_of({0, 1, 4, 4}),
          .sync_done = one_of({1, 4, 4}),
          .job = one_of({1, 4}),
          .job_done = one_of({1, 4}),
          .time = one_of({1, 4, 8}),
          .trouble = plan.faults ? one_of({1, 2}) : 0,
          .leave = plan.queues ? one_of({0, 1, 2}) : 0};
}

std::string Life::Start() {
  server_ = std::make_unique<TestServer>(disk_, clock_, plan_.config, random_.Next());
  return server_->report().ok() ? "" : server_->report().status().message();
}

void Life::Welcome() {
  history_.emplace(server(), plan_.verbose);
  // Lists are short here: what is done when many elements go at once is to be seen, too.
  if (plan_.queues && random_.OneIn(2)) server().queues().set_looked_at_each(0);
  server_->sync_runner().set_mode(ManualJobRunner::Mode::kManual);
  server_->job_runner().set_mode(ManualJobRunner::Mode::kManual);
  witnesses_.resize(kWitnesses);
  for (Witness& witness : witnesses_) witness.client = std::make_unique<TestClient>(*server_);
  BeginToListen();
  Turn();
}

void Life::Play() {
  for (int step = 0; step < plan_.steps && !disk_.powered_off() && !has_given_up() && wrong_.empty(); ++step) Event();
}

std::string Life::Heal() {
  HealDisk();
  server_->sync_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server_->job_runner().set_mode(ManualJobRunner::Mode::kAtOnce);
  server_->sync_runner().RunAll();
  server_->job_runner().RunAll();
  auto waits = [](const Witness& witness) {
    return !witness.client->closed() && witness.dues.size() > (witness.blocked ? 1u : 0u);
  };
  auto all_told = [&] { return std::none_of(witnesses_.begin(), witnesses_.end(), waits); };
  // The longest that the log waits before it tries again is 10 s.
  constexpr int kTurnsMax = 250, kTurnsMin = 3;
  for (int i = 0; i < kTurnsMax; ++i) {
    clock_.AdvanceMs(100);
    Turn();
    if (disk_.powered_off() || has_given_up() || !wrong_.empty()) return wrong_;
    if (i < kTurnsMin || in_trouble() || !all_told()) continue;
    server_->server().log().RequestSync();
    return "";
  }
  const std::string refused(server_->server().log().growth_refused());
  if (!refused.empty()) return "the disk works again, the log does not: " + refused;
  std::string held = "the disk works again, and replies are still held back:";
  for (const Witness& witness : witnesses_) {
    if (!waits(witness)) continue;
    for (const Due& due : witness.dues) held += "\n    " + due.what + (witness.blocked ? " (blocked)" : "");
  }
  return held;
}

std::string Life::Rewrite() {
  const uint64_t before = server_->server().log().figures().rewrites;
  const Status started = server_->server().log().StartRewrite();
  if (!started.ok() && started.message().find("already in progress") == std::string::npos) return started.message();
  for (int i = 0; i < 4; ++i) Turn();
  if (server_->server().log().figures().rewrites == before) return "a rewrite on a healthy disk did not end";
  return wrong_;
}

void Life::Die() {
  for (Witness& witness : witnesses_) witness.client->Abandon();
  if (listener_.client != nullptr) listener_.client->Abandon();
  server_->Kill();
}

void Life::Event() {
  struct {
    uint64_t weight;
    void (*happen)(Life&);
  } const events[] = {
      {mood_.send, [](Life& life) { life.AskSomething(); }},
      {mood_.turn, [](Life& life) { life.Turn(); }},
      {mood_.sync, [](Life& life) { life.server_->sync_runner().RunJob(); }},
      {mood_.sync_done,
       [](Life& life) {
         if (life.server_->sync_runner().DeliverDone()) life.switched_ = false;
       }},
      {mood_.job,
       [](Life& life) {
         life.in_job_ = true;
         life.server_->job_runner().RunJob();
         life.in_job_ = false;
       }},
      {mood_.job_done, [](Life& life) { life.server_->job_runner().DeliverDone(); }},
      {mood_.time, [](Life& life) { life.PassTime(); }},
      {mood_.trouble, [](Life& life) { life.MakeTrouble(); }},
      {mood_.leave, [](Life& life) { life.OneLeaves(); }},
  };
  uint64_t sum = 0;
  for (const auto& event : events) sum += event.weight;
  uint64_t drawn = random_.Below(sum);
  for (const auto& event : events) {
    if (drawn < event.weight) return event.happen(*this);
    drawn -= event.weight;
  }
}

// Replies leave at the end of a turn only, and no disk call of that turn comes behind them.
void Life::Turn() {
  const bool said = !trace_.empty() && trace_.back().starts_with("turn at");
  if (plan_.verbose && !said) Say("turn at " + std::to_string(clock_.MonotonicNs() / 1'000'000) + " ms");
  bool more = true;
  while (more) {
    more = server_->server().EndTurn();
    NoteData();
    // What left the server while the power went may or may not have left the machine: nobody counts it as told.
    if (!disk_.powered_off()) Hear();
  }
}

// The loop sleeps between two turns.
void Life::PassTime() {
  Turn();
  clock_.AdvanceMs(static_cast<int64_t>(random_.Below(400)));
  if (random_.OneIn(60)) clock_.JumpWallClockMs(static_cast<int64_t>(random_.Below(10'000)) - 5'000);
  Turn();
}

void Life::MakeTrouble() {
  if (trouble_) {
    if (random_.OneIn(3)) HealDisk();
    return;
  }
  using Fault = SimFileSystem::Fault;
  constexpr Fault kFaults[] = {Fault::kNoSpace, Fault::kQuota, Fault::kIo, Fault::kIo, Fault::kShort};
  constexpr const char* kKinds[] = {"append", "append", "sync",   "sync",          "truncate",
                                    "open",   "rename", "remove", "sync directory"};
  const Fault fault = kFaults[random_.Below(std::size(kFaults))];
  if (random_.OneIn(5)) {
    // Nearly full, or full enough for a reserve to be made.
    trouble_ = true;
    disk_.set_free_bytes(random_.Below(random_.OneIn(2) ? 20'000 : 200'000));
    if (plan_.verbose) Say("the disk has little room");
  } else if (random_.OneIn(2)) {
    const uint64_t first = disk_.calls() + 1 + random_.Below(6), count = 1 + random_.Below(3);
    disk_.FailCalls(first, count, fault);
    if (plan_.verbose) Say("the disk fails at " + std::to_string(count) + " of the next calls");
  } else {
    trouble_ = true;
    // A full disk takes no file's bytes and no new file; a broken one fails at what it likes.
    for (uint64_t i = 1 + random_.Below(2); i > 0; --i) {
      const char* kind = kKinds[random_.Below(std::size(kKinds))];
      disk_.FailKind(kind, fault);
      if (plan_.verbose) Say(std::string("the disk fails at every ") + kind);
    }
  }
}

void Life::HealDisk() {
  trouble_ = false;
  disk_.Heal();
  disk_.set_free_bytes(uint64_t{1} << 40);
  if (plan_.verbose) Say("the disk works again");
}

void Life::AskSomething() {
  const size_t chosen = random_.Below(witnesses_.size());
  Witness& witness = witnesses_[chosen];
  if (witness.client->closed()) MeetAgain(witness);
  if (witness.blocked) return;
  Asking asking{.in_multi = witness.in_multi, .rewrites = plan_.rewrites, .large_values = plan_.large_values};
  asking.queues = plan_.queues;
  if (!tokens_.empty()) asking.token = tokens_[random_.Below(tokens_.size())];
  for (const Witness& other : witnesses_) {
    if (other.blocked) asking.blocked_client = other.client->id();
  }
  const std::vector<std::string> words = NextRequest(random_, memory_.payloads, asking);
  Due due;
  if (plan_.verbose) {
    due.what = "client " + std::to_string(chosen) + ": " + Shown(words);
    Say(due.what);
  }
  const size_t newest_before = history_->newest();
  const uint32_t db_before = witness.db;
  const bool was_in_multi = witness.in_multi;
  const bool is_reload = words[0] == "DEBUG";
  reloading_ = is_reload;
  witness.client->Feed(TestClient::Encode(words));
  reloading_ = false;
  NoteData();
  ClientState* state = server_->server().FindClient(witness.client->id());
  if (state == nullptr) return;
  witness.db = state->db;
  witness.in_multi = state->in_multi;
  witness.blocked = state->blocked;

  const bool changed = history_->newest() > newest_before;
  if (changed && is_reload) wrong_ = "DEBUG RELOAD changed the data";
  due.needs_for_no_policy = std::max(history_->touched(State::kPolicies), changed ? witness.last_write : 0);
  const bool queued = was_in_multi && witness.in_multi;
  const bool is_exec = words[0] == "EXEC";
  due.is_wait = words[0] == "WAITAOF";
  if (due.is_wait) {
    due.needs = witness.last_write;
  } else if (changed) {
    due.needs = due.needs_for_null = witness.last_write = history_->newest();
  } else if (is_exec) {
    due.needs = RestsOnQueued(witness, db_before);
  } else if (!queued) {
    due.needs = due.needs_for_null = RestsOn(words, db_before);
  }
  if (is_exec) {
    due.needs_for_null = 0;
    for (size_t slot : witness.watched) due.needs_for_null = std::max(due.needs_for_null, history_->touched(slot));
  }
  witness.dues.push_back(std::move(due));

  if (queued) witness.queued.push_back(words);
  if (!witness.in_multi) witness.queued.clear();
  if (state->watched.empty()) witness.watched.clear();
  if (words[0] == "WATCH" && !was_in_multi) {
    for (size_t i = 1; i < words.size(); ++i) witness.watched.push_back(State::SlotOf(witness.db, words[i]));
  }
}

size_t Life::RestsOn(const std::vector<std::string>& words, uint32_t db) const {
  const LookedAt looked = WhatIsLookedAt(words, db, history_->now());
  if (looked.everything) return history_->newest();
  size_t needs = 0;
  for (size_t slot : looked.slots) needs = std::max(needs, history_->touched(slot));
  return needs;
}

size_t Life::RestsOnQueued(const Witness& witness, uint32_t db) const {
  size_t needs = 0;
  for (const auto& words : witness.queued) {
    needs = std::max(needs, RestsOn(words, db));
    if (words[0] == "SELECT") db = static_cast<uint32_t>(std::stoul(words[1]));
  }
  return needs;
}

void Life::NoteData() {
  if (has_given_up()) return;
  const bool changed = history_->Note(server());
  if (changed && server().queues().active() && wrong_.empty()) wrong_ = AuditQueues(server());
  if (const ClientState* state = server().FindClient(listener_.client->id())) {
    const uint64_t end = static_cast<const Session*>(state)->output().end_offset();
    if (end > std::exchange(listener_.end, end)) listener_.written.push_back({end, changed ? history_->newest() : 0});
  }
  for (Witness& witness : witnesses_) {
    if (!witness.blocked) continue;
    const ClientState* state = server_->server().FindClient(witness.client->id());
    if (state == nullptr || state->blocked) continue;
    witness.blocked = false;
    if (witness.dues.back().is_wait) continue;
    // It got something, or the time-out's null, which is as true as when it began to wait.
    witness.dues.back().needs = history_->newest();
  }
}

void Life::Hear() {
  for (Witness& witness : witnesses_) {
    witness.bytes += witness.client->Receive();
    size_t at = 0;
    while (at < witness.bytes.size()) {
      const std::string_view rest = std::string_view(witness.bytes).substr(at);
      const size_t end = EndOfReply(rest);
      if (end == std::string_view::npos) break;
      HearOne(witness, rest.substr(0, end));
      at += end;
    }
    witness.bytes.erase(0, at);
  }
  HearOfChanges();
}

void Life::BeginToListen() {
  listener_ = {};
  listener_.client = std::make_unique<TestClient>(*server_);
  listener_.client->Feed(TestClient::Encode({"PSUBSCRIBE", "*"}));
}

// Keyspace notifications rest on the changes that they tell of.
void Life::HearOfChanges() {
  listener_.heard += listener_.client->Receive();
  while (!listener_.written.empty() && listener_.written.front().end <= listener_.heard_from + listener_.heard.size()) {
    const auto [end, needs] = listener_.written.front();
    listener_.written.pop_front();
    const size_t bytes = end - std::exchange(listener_.heard_from, end);
    const bool told = TellsOfAChange(std::string_view(listener_.heard).substr(0, bytes));
    listener_.heard.erase(0, bytes);
    if (needs == 0 || !told) continue;
    if (plan_.verbose) Say("told of state " + std::to_string(needs));
    history_->Tell({clock_.MonotonicNs(), needs, false, "told of a change"});
  }
  if (listener_.client->closed()) BeginToListen();
}

void Life::HearOne(Witness& witness, std::string_view reply) {
  if (witness.dues.empty() || (witness.blocked && witness.dues.size() == 1)) {
    wrong_ = "a reply that nobody asked for: " + Shown(reply);
    return;
  }
  Due due = std::move(witness.dues.front());
  witness.dues.pop_front();
  if (plan_.verbose) due.what += "-> " + Shown(reply);
  // What the server would not even look at.
  const bool refused = reply.starts_with("-MISCONF") || reply.starts_with("-EXECABORT");
  const bool null = reply.starts_with("*-1") || reply.starts_with("$-1") || reply.starts_with("-UNBLOCKED");
  const bool durable = due.is_wait && reply.starts_with("*2\r\n:1\r\n");
  size_t needs = refused ? 0 : null ? due.needs_for_null : due.needs;
  if (due.is_wait && !durable) needs = 0;
  if (reply.starts_with("-NOPOLICY")) needs = due.needs_for_no_policy;
  HearTokens(reply);
  if (plan_.verbose) Say("heard, resting on state " + std::to_string(needs) + ": " + due.what);
  if (needs > 0) history_->Tell({clock_.MonotonicNs(), needs, durable, std::move(due.what)});
}

// QPOP's, in whatever reply: <message id>-<delivery>, an id having many digits. The first delivery of a message is told
// once, whatever was lost in between.
void Life::HearTokens(std::string_view reply) {
  for (size_t dash = reply.find('-'); dash != std::string_view::npos; dash = reply.find('-', dash + 1)) {
    const auto is_digit = [&](size_t at) { return at < reply.size() && reply[at] >= '0' && reply[at] <= '9'; };
    size_t first = dash, last = dash + 1;
    while (first > 0 && is_digit(first - 1)) --first;
    while (is_digit(last)) ++last;
    if (dash - first < 15 || last == dash + 1) continue;
    // As WITHMETA shows it, it comes a second time.
    if (first >= 12 && reply.substr(0, first).find("token") != std::string_view::npos) continue;
    std::string token(reply.substr(first, last - first));
    if (token.ends_with("-1") && !memory_.first_tokens.insert(token).second) {
      wrong_ = "the message id of " + token + " was given out twice";
    }
    tokens_.push_back(std::move(token));
    if (tokens_.size() > 8) tokens_.pop_front();
  }
}

// What it was handed and has not heard of goes back to its queue.
void Life::OneLeaves() {
  Witness& witness = witnesses_[random_.Below(witnesses_.size())];
  if (plan_.verbose) Say("client " + std::to_string(&witness - witnesses_.data()) + " leaves");
  witness.client->Leave();
  Turn();
  if (!disk_.powered_off() && !has_given_up()) MeetAgain(witness);
}

// Its connection was closed: it knows nothing of its last requests, and comes back.
void Life::MeetAgain(Witness& witness) {
  witness = Witness{};
  witness.client = std::make_unique<TestClient>(*server_);
}

void Life::BeforeDiskCall(std::string_view kind, const std::string& path) {
  NoteData();
  if (plan_.verbose) Say("  disk: " + std::string(kind) + " " + path);
  NotePlace(kind);
}

void Life::NotePlace(std::string_view kind) {
  if (has_given_up() || reloading_) {
    place_ = Place::kReload;
    return;
  }
  if (in_trouble()) {
    place_ = Place::kTrouble;
  } else if (switched_) {
    place_ = Place::kRotation;
  } else if (server_->server().log().figures().rewrite_running) {
    place_ = Place::kRewrite;
  } else {
    place_ = Place::kWorkload;
  }
  // The rename of a turn, and not that of the job that writes the base.
  if (kind == "rename" && place_ == Place::kRewrite && !in_job_) {
    switched_ = true;
    place_ = Place::kRotation;
  }
}

void Life::Say(const std::string& line) {
  trace_.push_back(line);
  if (trace_.size() > kTraceLinesMax) trace_.pop_front();
}

std::string Life::Trace() const {
  std::string text;
  for (const std::string& line : trace_) text += "    " + line + "\n";
  return text;
}

}  // namespace baton
