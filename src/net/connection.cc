#include "net/connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/check.h"

namespace baton {
namespace {

constexpr size_t kRunsMax = 16;

std::string Name(const sockaddr_storage& address) {
  char host[INET6_ADDRSTRLEN] = "?";
  if (address.ss_family == AF_INET6) {
    const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof host);
    return "[" + std::string(host) + "]:" + std::to_string(ntohs(in6.sin6_port));
  }
  const auto& in4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &in4.sin_addr, host, sizeof host);
  return std::string(host) + ":" + std::to_string(ntohs(in4.sin_port));
}

}  // namespace

Connection* Connection::Accept(Server& server, uv_stream_t* listener, bool unix_socket) {
  auto* connection = new Connection(server, unix_socket);
  int failed = unix_socket ? uv_pipe_init(listener->loop, &connection->handle_.pipe, 0)
                           : uv_tcp_init(listener->loop, &connection->handle_.tcp);
  CHECK(failed == 0);
  connection->stream()->data = connection;
  if (uv_accept(listener, connection->stream()) != 0) {
    connection->CloseHandle();
    return nullptr;
  }
  // Replies are written once a turn, whole: waiting for more would only delay them.
  if (!unix_socket) uv_tcp_nodelay(&connection->handle_.tcp, 1);
  return connection;
}

void Connection::Open(std::string address, std::string local_address) {
  session_ = &server_.OpenSession(*this, std::move(address), std::move(local_address), fd(), unix_socket_);
  StartReading();
}

void Connection::Refuse(std::string_view error) {
  std::string line(error);
  line += "\r\n";
  uv_buf_t buffer = uv_buf_init(line.data(), static_cast<unsigned>(line.size()));
  // A socket that was just accepted takes a line; if not, the close says enough.
  (void)uv_try_write(stream(), &buffer, 1);
  CloseHandle();
}

void Connection::StartReading() {
  int failed = uv_read_start(
      stream(),
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        auto* self = static_cast<Connection*>(handle->data);
        std::span<char> space = self->server_.ReadSpace(*self->session_);
        *buffer = uv_buf_init(space.data(), static_cast<unsigned>(std::min(space.size(), size_t{1} << 30)));
      },
      [](uv_stream_t* handle, ssize_t bytes, const uv_buf_t*) { static_cast<Connection*>(handle->data)->OnRead(bytes); });
  if (failed != 0) PeerWentAway();
}

void Connection::OnRead(ssize_t bytes) {
  if (bytes > 0) {
    server_.OnRead(*session_, static_cast<size_t>(bytes));
  } else if (bytes < 0 && !(bytes == UV_EOF && server_.EndOfInput(*session_))) {
    PeerWentAway();
  }
}

void Connection::Send(Session& session) {
  if (writing_bytes_ > 0 || closing_) return;  // OnWritten goes on
  std::string_view runs[kRunsMax];
  uv_buf_t buffers[kRunsMax];
  while (session.has_sendable()) {
    size_t count = session.Gather(runs, kRunsMax);
    size_t offered = 0;
    for (size_t i = 0; i < count; ++i) {
      buffers[i] = uv_buf_init(const_cast<char*>(runs[i].data()), static_cast<unsigned>(runs[i].size()));
      offered += runs[i].size();
    }
    int written = uv_try_write(stream(), buffers, static_cast<unsigned>(count));
    if (written > 0) session.Sent(static_cast<size_t>(written));
    if (written == static_cast<int>(offered)) continue;
    if (written < 0 && written != UV_EAGAIN) {
      PeerWentAway();
      return;
    }
    // The socket is full: libuv writes the rest when there is room. The bytes stay in the session's buffer until then.
    count = session.Gather(runs, kRunsMax);
    writing_bytes_ = 0;
    for (size_t i = 0; i < count; ++i) {
      buffers[i] = uv_buf_init(const_cast<char*>(runs[i].data()), static_cast<unsigned>(runs[i].size()));
      writing_bytes_ += runs[i].size();
    }
    session.Offered(writing_bytes_);
    int failed = uv_write(&write_, stream(), buffers, static_cast<unsigned>(count), [](uv_write_t* request, int status) {
      static_cast<Connection*>(request->handle->data)->OnWritten(status);
    });
    if (failed != 0) PeerWentAway();
    return;
  }
}

void Connection::OnWritten(int status) {
  size_t written = std::exchange(writing_bytes_, 0);
  if (closing_) return;
  if (status != 0) {
    PeerWentAway();
    return;
  }
  session_->Sent(written);
  Send(*session_);
  if (!closing_) server_.OnSent(*session_);
}

void Connection::SetReading(bool on) {
  if (closing_) return;
  if (on) {
    StartReading();
  } else {
    uv_read_stop(stream());
  }
}

void Connection::PeerWentAway() {
  if (closing_) return;
  server_.Disconnected(*session_);
  CloseHandle();
}

void Connection::Close() { CloseHandle(); }

void Connection::CloseHandle() {
  if (closing_) return;
  closing_ = true;
  session_ = nullptr;
  // After uv_close libuv touches no buffer any more, so the session's may go right away.
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_),
           [](uv_handle_t* handle) { delete static_cast<Connection*>(handle->data); });
}

int Connection::fd() const {
  uv_os_fd_t descriptor = -1;
  return uv_fileno(reinterpret_cast<const uv_handle_t*>(&handle_), &descriptor) == 0 ? descriptor : -1;
}

std::string Connection::PeerName() const {
  if (unix_socket_) return LocalName();
  sockaddr_storage address{};
  int length = sizeof address;
  if (uv_tcp_getpeername(&handle_.tcp, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "?:0";
  return Name(address);
}

std::string Connection::LocalName() const {
  if (unix_socket_) {
    char path[256];
    size_t length = sizeof path;
    if (uv_pipe_getsockname(&handle_.pipe, path, &length) != 0) return "?:0";
    return std::string(path, length) + ":0";
  }
  sockaddr_storage address{};
  int length = sizeof address;
  if (uv_tcp_getsockname(&handle_.tcp, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "?:0";
  return Name(address);
}

bool Connection::PeerIsLoopback() const {
  if (unix_socket_) return true;
  std::string name = PeerName();
  return name.starts_with("127.") || name.starts_with("[::1]") || name.starts_with("[::ffff:127.");
}

void Connection::SetKeepAlive(unsigned seconds) {
  if (unix_socket_ || seconds == 0) return;
  uv_tcp_keepalive(&handle_.tcp, 1, seconds);
  // Data that nobody acknowledges for that long means the same as unanswered probes.
  int timeout_ms = static_cast<int>(seconds) * 1000;
  (void)setsockopt(fd(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
}

}  // namespace baton
