#include "common/rpc/preamble.h"

#include <algorithm>
#include <cstring>

#include "common/base/bytes.h"

namespace cairn::rpc {
namespace {

constexpr std::string_view MAGIC = "CAIRNRPC";

void start(PreambleBytes& bytes) {
  std::memcpy(bytes.data(), MAGIC.data(), MAGIC.size());
  storeLittle(bytes.data() + 8, PROTOCOL_VERSION);
}

void storeUuid(std::uint8_t* to, const Uuid& id) { std::ranges::copy(id.bytes, to); }

Uuid loadUuid(const std::uint8_t* from) {
  Uuid id;
  std::copy_n(from, id.bytes.size(), id.bytes.begin());
  return id;
}

Result<void> checkStart(const PreambleBytes& bytes, std::string_view who) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), MAGIC.size());
  if (head != MAGIC) {
    std::string looks = "unknown bytes";
    if (head.starts_with("hrpc")) looks = "Hadoop RPC, which is not served here";
    for (std::string_view verb : {"GET ", "PUT ", "POST", "HEAD", "HTTP"}) {
      if (head.starts_with(verb)) looks = "HTTP, which is not served here";
    }
    if (head.starts_with("SSH-")) looks = "SSH";
    return fail(Code::INVALID_ARGUMENT,
                std::string(who) + " does not speak Cairn's protocol: " + looks);
  }
  const auto version = loadLittle<std::uint16_t>(bytes.data() + 8);
  if (version != PROTOCOL_VERSION) {
    return fail(Code::UNSUPPORTED_VERSION,
                std::string(who) + " speaks version " + std::to_string(version) +
                    " of the protocol, this program speaks " + std::to_string(PROTOCOL_VERSION));
  }
  return {};
}

}  // namespace

PreambleBytes encode(const ClientHello& hello) {
  PreambleBytes bytes{};
  start(bytes);
  storeLittle(bytes.data() + 10, static_cast<std::uint16_t>(hello.role));
  storeLittle(bytes.data() + 12, hello.authentication);
  storeUuid(bytes.data() + 16, hello.cluster);
  storeLittle(bytes.data() + 32, hello.epoch.value);
  storeUuid(bytes.data() + 48, hello.process);
  return bytes;
}

PreambleBytes encode(const ServerHello& hello) {
  PreambleBytes bytes{};
  start(bytes);
  storeLittle(bytes.data() + 10, hello.refusal);
  storeLittle(bytes.data() + 12, hello.refusalBytes);
  storeUuid(bytes.data() + 16, hello.cluster);
  storeLittle(bytes.data() + 32, hello.epoch.value);
  storeUuid(bytes.data() + 48, hello.process);
  return bytes;
}

Result<ClientHello> decodeClientHello(const PreambleBytes& bytes) {
  TRY(checkStart(bytes, "the caller"));
  ClientHello hello;
  const auto role = loadLittle<std::uint16_t>(bytes.data() + 10);
  if (role < static_cast<std::uint16_t>(Role::CLIENT) ||
      role > static_cast<std::uint16_t>(Role::PEER)) {
    return fail(Code::INVALID_ARGUMENT,
                "the caller's role " + std::to_string(role) + " is unknown");
  }
  hello.role = static_cast<Role>(role);
  hello.authentication = loadLittle<std::uint16_t>(bytes.data() + 12);
  hello.cluster = loadUuid(bytes.data() + 16);
  hello.epoch = Epoch(loadLittle<std::uint64_t>(bytes.data() + 32));
  hello.process = loadUuid(bytes.data() + 48);
  return hello;
}

Result<ServerHello> decodeServerHello(const PreambleBytes& bytes) {
  TRY(checkStart(bytes, "the server"));
  ServerHello hello;
  hello.refusal = loadLittle<std::uint16_t>(bytes.data() + 10);
  hello.refusalBytes = loadLittle<std::uint16_t>(bytes.data() + 12);
  hello.cluster = loadUuid(bytes.data() + 16);
  hello.epoch = Epoch(loadLittle<std::uint64_t>(bytes.data() + 32));
  hello.process = loadUuid(bytes.data() + 48);
  return hello;
}

}  // namespace cairn::rpc
