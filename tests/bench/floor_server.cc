// The floor: the least that a libuv server on this machine can do per request. It finds where requests end and answers +OK; it
// has no data, no commands and no log. What `make bench` prints beside the real servers.
//
//   floor_server PORT

#include <uv.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

char read_area[64 << 10];

struct Client {
  uv_tcp_t handle;
  std::string rest;     // a request that was cut
  std::string replies;
};

// Length of the request at the front, or 0 when it is not whole.
size_t RequestLength(const char* at, const char* end) {
  const char* start = at;
  if (at == end || *at != '*') return 0;
  auto number = [&](long* value) {
    long result = 0;
    for (++at; at < end && *at != '\r'; ++at) result = result * 10 + (*at - '0');
    if (end - at < 2) return false;
    at += 2;
    *value = result;
    return true;
  };
  long count, length;
  if (!number(&count)) return 0;
  while (count-- > 0) {
    if (at >= end || !number(&length) || end - at < length + 2) return 0;
    at += length + 2;
  }
  return static_cast<size_t>(at - start);
}

void OnRead(uv_stream_t* stream, ssize_t got, const uv_buf_t*) {
  auto* client = static_cast<Client*>(stream->data);
  if (got <= 0) {
    if (got < 0) uv_close(reinterpret_cast<uv_handle_t*>(stream), [](uv_handle_t* handle) { delete static_cast<Client*>(handle->data); });
    return;
  }
  const char* at = read_area;
  const char* end = read_area + got;
  if (!client->rest.empty()) {
    client->rest.append(read_area, static_cast<size_t>(got));
    at = client->rest.data();
    end = at + client->rest.size();
  }
  while (size_t length = RequestLength(at, end)) {
    client->replies.append("+OK\r\n", 5);
    at += length;
  }
  std::string left(at, static_cast<size_t>(end - at));
  client->rest.swap(left);
  uv_buf_t buffer = uv_buf_init(client->replies.data(), static_cast<unsigned>(client->replies.size()));
  int written = buffer.len == 0 ? 0 : uv_try_write(stream, &buffer, 1);
  if (written > 0) client->replies.erase(0, static_cast<size_t>(written));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: floor_server PORT\n");
    return 2;
  }
  uv_loop_t* loop = uv_default_loop();
  uv_tcp_t listener;
  sockaddr_in address;
  uv_ip4_addr("127.0.0.1", std::atoi(argv[1]), &address);
  uv_tcp_init(loop, &listener);
  uv_tcp_bind(&listener, reinterpret_cast<sockaddr*>(&address), 0);
  int failed = uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 1024, [](uv_stream_t* server, int) {
    auto* client = new Client;
    uv_tcp_init(server->loop, &client->handle);
    client->handle.data = client;
    uv_accept(server, reinterpret_cast<uv_stream_t*>(&client->handle));
    uv_tcp_nodelay(&client->handle, 1);
    uv_read_start(
        reinterpret_cast<uv_stream_t*>(&client->handle),
        [](uv_handle_t*, size_t, uv_buf_t* buffer) { *buffer = uv_buf_init(read_area, sizeof read_area); }, OnRead);
  });
  if (failed != 0) {
    std::fprintf(stderr, "floor_server: %s\n", uv_strerror(failed));
    return 1;
  }
  uv_run(loop, UV_RUN_DEFAULT);
}
