#include "net/event_loop.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"
#include "net/connection.h"

namespace baton {
namespace {

constexpr std::string_view kMaxClients = "-ERR max number of clients reached";
constexpr std::string_view kProtectedMode =
    "-DENIED Baton is running in protected mode: no password is set, and it takes connections from this machine only. To let "
    "others in, set 'requirepass' in the configuration (or CONFIG SET requirepass), or, on a network that nobody else "
    "reaches, set 'protected-mode no'.";

Status UvError(int error, const std::string& what) { return Status::FromErrno(-error, what); }

}  // namespace

EventLoop::EventLoop(uv_loop_t& loop, Server& server, Config& config, Logger& logger)
    : loop_(loop), server_(server), config_(config), logger_(logger) {
  uv_prepare_init(&loop_, &prepare_);
  uv_idle_init(&loop_, &more_to_do_);
  uv_timer_init(&loop_, &timer_);
  uv_signal_init(&loop_, &terminate_);
  uv_signal_init(&loop_, &interrupt_);
  prepare_.data = more_to_do_.data = timer_.data = terminate_.data = interrupt_.data = this;
  uv_prepare_start(&prepare_, [](uv_prepare_t* handle) { static_cast<EventLoop*>(handle->data)->EndTurn(); });
  auto on_signal = [](uv_signal_t* handle, int number) {
    auto* self = static_cast<EventLoop*>(handle->data);
    self->logger_.Notice("Received %s: shutting down", number == SIGTERM ? "SIGTERM" : "SIGINT");
    Status stopped = self->server_.Shutdown(ShutdownMode::kDefault, false, number == SIGINT);
    if (!stopped.ok()) self->logger_.Warning("%s", stopped.message().c_str());
    uv_stop(&self->loop_);
  };
  uv_signal_start(&terminate_, on_signal, SIGTERM);
  uv_signal_start(&interrupt_, on_signal, SIGINT);
}

EventLoop::~EventLoop() {
  CloseListeners();
  for (uv_handle_t* handle :
       {reinterpret_cast<uv_handle_t*>(&prepare_), reinterpret_cast<uv_handle_t*>(&more_to_do_),
        reinterpret_cast<uv_handle_t*>(&timer_), reinterpret_cast<uv_handle_t*>(&terminate_),
        reinterpret_cast<uv_handle_t*>(&interrupt_)}) {
    uv_close(handle, nullptr);
  }
  uv_run(&loop_, UV_RUN_NOWAIT);
}

Status EventLoop::Listen() {
  int port = static_cast<int>(config_.Integer("port"));
  if (port != 0) {
    for (std::string host : config_.Words("bind")) {
      bool optional = host.starts_with('-');
      if (optional) host.erase(0, 1);
      if (host == "*") host = "0.0.0.0";
      if (host == "::*") host = "::";
      Status listening = ListenTcp(host, port, optional);
      if (!listening.ok()) return listening;
    }
  }
  std::string path = config_.String("unixsocket");
  if (!path.empty()) {
    Status listening = ListenUnix(path, config_.Integer("unixsocketperm"));
    if (!listening.ok()) return listening;
  }
  if (addresses_.empty()) return Status::Error("nothing to listen on: set 'port' with 'bind', or 'unixsocket'");
  return Status::Ok();
}

Status EventLoop::ListenTcp(const std::string& host, int port, bool optional) {
  sockaddr_storage address{};
  bool v6 = host.find(':') != std::string::npos;
  int failed = v6 ? uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address))
                  : uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&address));
  std::string name = (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  if (failed != 0) return Status::Error("bind " + host + ": not an IP address; use e.g. 127.0.0.1, ::1 or *");

  auto listener = std::make_unique<Listener>();
  listener->owner = this;
  listener->unix_socket = false;
  uv_tcp_init(&loop_, &listener->handle.tcp);
  listener->stream()->data = listener.get();
  failed = uv_tcp_bind(&listener->handle.tcp, reinterpret_cast<sockaddr*>(&address), v6 ? UV_TCP_IPV6ONLY : 0);
  if (failed == 0) {
    failed = uv_listen(listener->stream(), static_cast<int>(config_.Integer("tcp-backlog")),
                       [](uv_stream_t* stream, int status) {
                         auto* ready = static_cast<Listener*>(stream->data);
                         if (status == 0) ready->owner->OnConnection(*ready);
                       });
  }
  listeners_.push_back(std::move(listener));  // closed with the others, also when it failed
  if (failed != 0) {
    bool absent = failed == UV_EADDRNOTAVAIL || failed == UV_EAFNOSUPPORT || failed == UV_EPROTONOSUPPORT;
    if (optional && absent) return Status::Ok();
    std::string what = "cannot listen on " + name;
    if (failed == UV_EADDRINUSE) what += " (is a server running there? choose another --port)";
    return UvError(failed, what);
  }
  addresses_.push_back(name);
  if (first_tcp_port_ == 0) first_tcp_port_ = port;
  return Status::Ok();
}

Status EventLoop::ListenUnix(const std::string& path, int64_t permissions) {
  unlink(path.c_str());  // left behind by a server that was killed; a live one loses it, as with Redis
  auto listener = std::make_unique<Listener>();
  listener->owner = this;
  listener->unix_socket = true;
  uv_pipe_init(&loop_, &listener->handle.pipe, 0);
  listener->stream()->data = listener.get();
  int failed = uv_pipe_bind(&listener->handle.pipe, path.c_str());
  if (failed == 0 && permissions != 0 && chmod(path.c_str(), static_cast<mode_t>(permissions)) != 0) failed = -errno;
  if (failed == 0) {
    failed = uv_listen(listener->stream(), static_cast<int>(config_.Integer("tcp-backlog")),
                       [](uv_stream_t* stream, int status) {
                         auto* ready = static_cast<Listener*>(stream->data);
                         if (status == 0) ready->owner->OnConnection(*ready);
                       });
  }
  listeners_.push_back(std::move(listener));
  if (failed != 0) return UvError(failed, "cannot listen on the Unix socket " + path);
  addresses_.push_back(path);
  unix_path_ = path;
  return Status::Ok();
}

void EventLoop::OnConnection(Listener& listener) {
  Connection* connection = Connection::Accept(server_, listener.stream(), listener.unix_socket);
  if (connection == nullptr) return;
  if (server_.session_count() >= static_cast<size_t>(config_.Integer("maxclients"))) {
    ++server_.counters().rejected_connections;
    connection->Refuse(kMaxClients);
    return;
  }
  if (config_.Bool("protected-mode") && config_.String("requirepass").empty() && !connection->PeerIsLoopback()) {
    ++server_.counters().rejected_connections;
    connection->Refuse(kProtectedMode);
    return;
  }
  connection->SetKeepAlive(static_cast<unsigned>(config_.Integer("tcp-keepalive")));
  connection->Open(connection->PeerName(), connection->LocalName());
}

void EventLoop::EndTurn() {
  bool more = server_.EndTurn();
  if (server_.stopping()) {
    uv_stop(&loop_);
    more = true;
  }
  if (more) {
    if (!uv_is_active(reinterpret_cast<uv_handle_t*>(&more_to_do_))) uv_idle_start(&more_to_do_, [](uv_idle_t*) {});
  } else {
    uv_idle_stop(&more_to_do_);
  }
  int64_t deadline_ns = server_.NextDeadlineNs();
  if (deadline_ns == timer_deadline_ns_ && uv_is_active(reinterpret_cast<uv_handle_t*>(&timer_))) return;
  timer_deadline_ns_ = deadline_ns;
  if (deadline_ns == INT64_MAX) {
    uv_timer_stop(&timer_);
    return;
  }
  int64_t left_ns = std::max<int64_t>(deadline_ns - server_.monotonic_ns(), 0);
  // Rounded up: a timer that fires early would only find that it is not time yet.
  uv_timer_start(&timer_, [](uv_timer_t*) {}, static_cast<uint64_t>((left_ns + 999'999) / 1'000'000), 0);
}

void EventLoop::Run() {
  while (!server_.stopping()) uv_run(&loop_, UV_RUN_DEFAULT);
}

void EventLoop::RunReady() { uv_run(&loop_, UV_RUN_NOWAIT); }

void EventLoop::CloseListeners() {
  for (auto& listener : listeners_) {
    // libuv needs the memory until the handle is closed.
    uv_close(reinterpret_cast<uv_handle_t*>(&listener.release()->handle),
             [](uv_handle_t* handle) { delete static_cast<Listener*>(handle->data); });
  }
  listeners_.clear();
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
  unix_path_.clear();
}

}  // namespace baton
