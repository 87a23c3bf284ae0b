#pragma once

#include <uv.h>

#include <memory>
#include <string>
#include <vector>

#include "base/logging.h"
#include "base/status.h"
#include "config/config.h"
#include "server/server.h"

namespace baton {

// Drives one Server with libuv: listens, accepts, and ends a turn each time before the loop waits for input.
//
//   uv_run:  timers → reads (Server::OnRead) → prepare (Server::EndTurn: log, replies) → wait
class EventLoop {
 public:
  EventLoop(uv_loop_t& loop, Server& server, Config& config, Logger& logger);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Opens every socket that the configuration names. Not ok: the message says which address failed and why.
  Status Listen();
  // What clients can connect to: "127.0.0.1:6379", "[::1]:6379", a path.
  const std::vector<std::string>& addresses() const { return addresses_; }
  int first_tcp_port() const { return first_tcp_port_; }

  // Until the server is stopping; SIGTERM and SIGINT stop it too.
  void Run();
  // Handles what is ready without waiting: used while the data is loading.
  void RunReady();
  // Closes the listening sockets (and removes the Unix socket's path).
  void CloseListeners();

 private:
  struct Listener {
    EventLoop* owner;
    bool unix_socket;
    union {
      uv_tcp_t tcp;
      uv_pipe_t pipe;
    } handle;
    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }
  };

  Status ListenTcp(const std::string& host, int port, bool optional);
  Status ListenUnix(const std::string& path, int64_t permissions);
  void OnConnection(Listener& listener);
  void EndTurn();

  uv_loop_t& loop_;
  Server& server_;
  Config& config_;
  Logger& logger_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> addresses_;
  std::string unix_path_;
  int first_tcp_port_ = 0;
  uv_prepare_t prepare_;
  uv_idle_t more_to_do_;  // active: the loop must not wait
  uv_timer_t timer_;
  uv_signal_t terminate_, interrupt_;
  int64_t timer_deadline_ns_ = INT64_MAX;
};

}  // namespace baton
