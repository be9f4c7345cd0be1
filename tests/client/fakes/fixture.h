// A client, a fake namenode and fake datanodes on one event loop in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "client/core/file_system.h"
#include "common/rpc/acceptor.h"
#include "tests/client/fakes/fake_datanode.h"
#include "tests/client/fakes/fake_namenode.h"
#include "tests/client/fakes/pipe_network.h"

namespace cairn::client::fakes {

class ClientTest : public ::testing::Test {
protected:
  ClientTest();
  ~ClientTest() noexcept override;

  // Chunks of 4 KiB with frames of 512 bytes, unless `namenode` was changed before.
  void start(unsigned datanodes = 3, std::uint16_t replication = 1);
  void startNamenode();
  void stopNamenode();

  // Writes in pieces of `piece` bytes.
  Result<Entry> write(const std::string& path, std::string_view contents,
                      std::size_t piece = SIZE_MAX, CreateOptions options = {});
  // Reads in order to the end.
  Result<std::string> read(const std::string& path, OpenOptions options = {});
  Result<std::string> readAll(FileReader& reader);
  template <typename T>
  T wait(kj::Promise<T> promise) {
    return loop.wait(kj::mv(promise));
  }
  FakeFile& file(const std::string& path) { return namenode.files.at(path); }

  // Compressible, but no two frames alike.
  static std::string text(std::size_t bytes, std::uint64_t seed = 1);
  static std::string noise(std::size_t bytes, std::uint64_t seed = 1);

  Options options;
  TestLoop loop;
  NamenodeState namenode;
  std::unique_ptr<FakeCluster> cluster;
  std::unique_ptr<rpc::Acceptor> door;
  std::unique_ptr<FileSystem> files;
};

}  // namespace cairn::client::fakes
