// The first bytes on every Cairn connection, before any byte of Cap'n Proto: who calls whom.
// It tells Cairn's protocol from Hadoop's on the same port, turns away nodes of another cluster and
// peers of an incompatible version, and keeps unauthenticated bytes away from the RPC parser.
// Layer: rpc (encoding is pure).
//
// Client: fixed 64 bytes, then at once its first RPC messages. Server: fixed 64 bytes, then the
// text of a refusal if there is one, then RPC messages. All integers little endian.
//
//   offset size  client                        server
//        0    8  magic "CAIRNRPC"              the same
//        8    2  protocol version              the same
//       10    2  role of the client            code of a refusal (status.h), 0 = welcome
//       12    2  authentication, 0 = none      length of the refusal's text, at most 4096
//       14    2  zero                          zero
//       16   16  cluster, zero = any           cluster
//       32    8  epoch it knows, 0 = none      epoch
//       40    8  zero                          zero
//       48   16  uuid of the client process    uuid of the server process
#pragma once

#include <kj/async-io.h>

#include <array>
#include <cstdint>
#include <string>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::rpc {

inline constexpr std::size_t PREAMBLE_BYTES = 64;
inline constexpr std::uint16_t PROTOCOL_VERSION = 1;

// What a caller is; the server offers each role its own interface.
enum class Role : std::uint16_t {
  CLIENT = 1,        // files and jobs
  DATANODE = 2,      // a datanode calling its namenode
  TASK_TRACKER = 3,  // a task tracker calling its job tracker
  PEER = 4,          // a datanode calling a datanode, a reducer fetching map output
};

struct ClientHello {
  Role role = Role::CLIENT;
  ClusterId cluster;  // nil: any cluster will do
  Epoch epoch;        // the newest one it has seen; 0: none
  Uuid process;
  std::uint16_t authentication = 0;
};

struct ServerHello {
  std::uint16_t refusal = 0;       // a Code, 0 = welcome
  std::uint16_t refusalBytes = 0;  // of text behind the preamble
  ClusterId cluster;
  Epoch epoch;
  Uuid process;
};

using PreambleBytes = std::array<std::uint8_t, PREAMBLE_BYTES>;
PreambleBytes encode(const ClientHello& hello);
PreambleBytes encode(const ServerHello& hello);
// INVALID_ARGUMENT for bytes that are no preamble (the message says what they look like),
// UNSUPPORTED_VERSION for another protocol version.
Result<ClientHello> decodeClientHello(const PreambleBytes& bytes);
Result<ServerHello> decodeServerHello(const PreambleBytes& bytes);

}  // namespace cairn::rpc
