#include "tests/client/fakes/fixture.h"

#include <algorithm>

namespace cairn::client::fakes {

ClientTest::ClientTest() {
  options.namenode = "namenode";
  options.user = "tester";
}

ClientTest::~ClientTest() noexcept = default;

void ClientTest::start(unsigned datanodes, std::uint16_t replication) {
  namenode.replication = replication;
  cluster = std::make_unique<FakeCluster>(loop.host, datanodes);
  ASSERT_TRUE(wait(cluster->start()).has_value());
  namenode.datanodes = cluster->addresses();
  startNamenode();
  files = std::make_unique<FileSystem>(loop.host, options);
}

void ClientTest::startNamenode() {
  door = std::make_unique<rpc::Acceptor>(
      loop.host, "namenode", rpc::AcceptorOptions{}, []() { return rpc::Identity{}; },
      [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
        return capnp::Capability::Client(kj::heap<FakeNamenode>(namenode));
      });
  ASSERT_TRUE(wait(door->listen("namenode")).has_value());
}

void ClientTest::stopNamenode() { door = nullptr; }

Result<Entry> ClientTest::write(const std::string& path, std::string_view contents,
                                std::size_t piece, CreateOptions options) {
  ASSIGN(auto writer, wait(files->create(path, options)));
  while (!contents.empty()) {
    auto size = std::min(piece, contents.size());
    TRY(wait(writer->write(asBytes(contents.substr(0, size)))));
    contents.remove_prefix(size);
  }
  return wait(writer->close());
}

Result<std::string> ClientTest::read(const std::string& path, OpenOptions options) {
  ASSIGN(auto reader, wait(files->open(path, options)));
  return readAll(*reader);
}

Result<std::string> ClientTest::readAll(FileReader& reader) {
  std::string contents;
  while (true) {
    ASSIGN(auto next, wait(reader.next()));
    if (next.bytes.empty()) return contents;
    contents += asText(next.bytes);
  }
}

std::string ClientTest::text(std::size_t bytes, std::uint64_t seed) {
  io::Random random(seed);
  std::string all;
  while (all.size() < bytes) all += "word" + std::to_string(random.below(5000)) + ' ';
  all.resize(bytes);
  return all;
}

std::string ClientTest::noise(std::size_t bytes, std::uint64_t seed) {
  io::Random random(seed);
  std::string all(bytes, '\0');
  random.fill({reinterpret_cast<std::byte*>(all.data()), all.size()});
  return all;
}

}  // namespace cairn::client::fakes
