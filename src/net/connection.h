#pragma once

#include <uv.h>

#include <cstdint>

#include "server/server.h"

namespace baton {

// One client socket, TCP or Unix: hands bytes to its session and sends what the session lets go. Deletes itself once libuv
// has closed the handle.
class Connection final : public Peer {
 public:
  // Takes the waiting connection from `listener`. nullptr when that failed (the client is gone by now).
  static Connection* Accept(Server& server, uv_stream_t* listener, bool unix_socket);

  // Gives the connection its session and starts reading.
  void Open(std::string address, std::string local_address);
  // Sends one error line and closes; no session is opened.
  void Refuse(std::string_view error);

  // "127.0.0.1:5000"; for Unix sockets the socket's path and ":0", as Redis shows it.
  std::string PeerName() const;
  std::string LocalName() const;
  bool PeerIsLoopback() const;
  // Seconds; 0 turns it off. A dead peer is noticed by unanswered probes or unacknowledged data.
  void SetKeepAlive(unsigned seconds);

  void Send(Session& session) override;
  void SetReading(bool on) override;
  void Close() override;

 private:
  Connection(Server& server, bool unix_socket) : server_(server), unix_socket_(unix_socket) {}

  void StartReading();
  void OnRead(ssize_t bytes);
  void OnWritten(int status);
  void PeerWentAway();
  void CloseHandle();
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle_); }
  int fd() const;

  Server& server_;
  Session* session_ = nullptr;
  union {
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle_;
  uv_write_t write_;
  size_t writing_bytes_ = 0;  // handed to libuv and not yet written; their memory is the session's
  const bool unix_socket_;
  bool closing_ = false;
};

}  // namespace baton
