#include "tests/testkit/daemons.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/io/random.h"

namespace cairn::testkit {
namespace {

// Takes the port for this test as long as its process lives, also while no daemon listens there: a
// socket that is bound keeps other tests' away, and one that allows its address to be used again
// and does not listen keeps no daemon of this test's away. False when somebody has the port.
bool reserve(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  constexpr int YES = 1;
  const bool mine = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
                    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &YES, sizeof(YES)) == 0;
  if (!mine) ::close(fd);
  return mine;
}

constexpr std::size_t LAST_WORDS_BYTES = 3000;  // of each daemon

std::string kindOf(const std::string& name) {
  return name.substr(0, name.find_first_of("0123456789"));
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

std::string freeAddress() {
  static io::Random random = io::Random::fromOs();
  for (;;) {
    const auto port = static_cast<std::uint16_t>(random.between(10'000, 30'000));
    if (reserve(port)) return "127.0.0.1:" + std::to_string(port);
  }
}

Daemons::Daemons(DaemonsOptions options) : options_(std::move(options)) {
  const auto address = [&](const std::string& name) { return addresses_[name] = freeAddress(); };
  const auto pages = [&](const std::string& name) {
    const std::string& there = httpAddresses_[name] = freeAddress();
    return "\nhttp_address = " + quoted(there);
  };
  const auto namenode = address("namenode");
  const auto jobtracker = address("jobtracker");
  writeFile(scratch_ / "cairn.toml", "[client]\nnamenode = " + quoted(namenode) +
                                         "\njobtracker = " + quoted(jobtracker) + "\n" +
                                         options_.settings);
  mountDisk("namenode", options_.namenodeDiskBytes);
  configure("namenode", "address = " + quoted(namenode) + pages("namenode") +
                            "\ndir = " + quoted(directoryOf("namenode")) +
                            "\nheartbeat_ms = \"200ms\"\n" + options_.namenodeSettings);
  configure("jobtracker", "address = " + quoted(jobtracker) + pages("jobtracker") +
                              "\ndir = " + quoted(directoryOf("jobtracker")) +
                              "\nheartbeat_ms = \"200ms\"\ntracker_expiry_ms = \"2s\"\n");
  for (int i = 1; i <= options_.datanodes; ++i) {
    const auto node = "datanode" + std::to_string(i);
    const auto tracker = "tasktracker" + std::to_string(i);
    mountDisk(node, options_.datanodeDiskBytes);
    configure(node, "address = " + quoted(address(node)) + pages(node) + "\ndirs = [" +
                        quoted(directoryOf(node)) + "]\nreserved = 0\n" +
                        options_.datanodeSettings);
    configure(tracker, "address = " + quoted(address(tracker)) + pages(tracker) +
                           "\ndir = " + quoted(directoryOf(tracker)) +
                           "\nslots = 1\ndatanode = " + quoted(addressOf(node)) + "\n");
  }
  const auto formatted =
      run({cairnBinary(), "namenode", "--format", "--config", scratch_ / "namenode.toml"});
  EXPECT_EQ(formatted.code, 0) << formatted.err;
  start("namenode");
  for (int i = 1; i <= options_.datanodes; ++i) start("datanode" + std::to_string(i));
  if (!options_.jobs) return;
  start("jobtracker");
  for (int i = 1; i <= options_.datanodes; ++i) start("tasktracker" + std::to_string(i));
}

void Daemons::mountDisk(const std::string& name, std::uint64_t bytes) {
  if (bytes > 0) disks_[name] = std::make_unique<SmallDisk>(scratch_ / name, bytes);
}

void Daemons::configure(const std::string& name, const std::string& section) {
  writeFile(scratch_ / (name + ".toml"),
            readFile(scratch_ / "cairn.toml") + "[" + kindOf(name) + "]\n" + section);
}

std::string Daemons::nameAt(const std::string& address) const {
  for (const auto& [name, there] : addresses_) {
    if (there == address) return name;
  }
  ADD_FAILURE() << "no daemon has the address " << address;
  return {};
}

void Daemons::start(const std::string& name, bool wait, std::vector<std::string> environment) {
  auto& process = processes_[name];
  process = nullptr;
  process = std::make_unique<Process>(
      Launch{.command = {cairnBinary(), kindOf(name), "--config", scratch_ / (name + ".toml")},
             .environment = std::move(environment),
             .directory = scratch_.path(),
             .outputPath = scratch_ / (name + ".out"),
             .errorPath = scratch_ / (name + ".err")});
  if (!wait) return;
  EXPECT_TRUE(process->awaitLine("ready ").has_value())
      << name << " is not ready; its last words:\n"
      << process->errors();
}

void Daemons::kill(const std::string& name) { processes_.at(name)->kill(); }

std::string Daemons::lastWords() const {
  std::string text;
  for (const auto& [name, process] : processes_) {
    text += "--- " + name + (process->running() ? "" : " (not running)") + "\n";
    const auto errors = process->errors();
    text += errors.substr(errors.size() - std::min(errors.size(), LAST_WORDS_BYTES));
  }
  return text;
}

int Daemons::stop(const std::string& name) {
  auto& process = *processes_.at(name);
  process.signal(SIGTERM);
  return process.wait().value_or(-1);
}

std::vector<std::string> Daemons::environmentWith(std::vector<std::string> more) const {
  std::vector<std::string> all{"CAIRN_CONFIG=" + (scratch_ / "cairn.toml")};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Outcome Daemons::cairn(std::vector<std::string> arguments, std::vector<std::string> environment) {
  arguments.insert(arguments.begin(), cairnBinary());
  return run(std::move(arguments), environmentWith(std::move(environment)));
}

std::unique_ptr<Process> Daemons::begin(std::vector<std::string> arguments, const std::string& name,
                                        std::vector<std::string> environment) {
  arguments.insert(arguments.begin(), cairnBinary());
  return std::make_unique<Process>(Launch{.command = std::move(arguments),
                                          .environment = environmentWith(std::move(environment)),
                                          .directory = scratch_.path(),
                                          .outputPath = scratch_ / (name + ".out"),
                                          .errorPath = scratch_ / (name + ".err")});
}

}  // namespace cairn::testkit
