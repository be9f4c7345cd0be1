#include "tests/testkit/mini.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <sstream>
#include <utility>

namespace cairn::testkit {
namespace {

// "127.0.0.1:8020" of "namenode" in "ready namenode=127.0.0.1:8020 jobtracker=...".
std::string valueOf(const std::string& name, const std::string& line) {
  const auto at = line.find(" " + name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 2;
  return line.substr(begin, line.find(' ', begin) - begin);
}

std::vector<std::string> splitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

Mini::Mini(std::vector<std::string> flags) : flags_(std::move(flags)) {
  writeFile(scratch_ / "cairn.toml", "");
  start();
}

void Mini::start() {
  namenode_.clear();
  std::vector<std::string> command{cairnBinary(), "mini", "--dir", directory(), "--ports", "auto"};
  command.insert(command.end(), flags_.begin(), flags_.end());
  process_ = nullptr;
  process_ = std::make_unique<Process>(Launch{.command = std::move(command),
                                              .environment = environmentWith({}),
                                              .directory = scratch_.path(),
                                              .outputPath = scratch_ / "mini.out",
                                              .errorPath = scratch_ / "mini.err"});
  const auto line = process_->awaitLine("ready ");
  EXPECT_TRUE(line.has_value()) << "the cluster is not ready; its last words:\n"
                                << process_->errors();
  if (!line) return;
  namenode_ = valueOf("namenode", *line);
  jobtracker_ = valueOf("jobtracker", *line);
  datanodes_ = splitAtCommas(valueOf("datanodes", *line));
  pages_ = splitAtCommas(valueOf("datanodes_http", *line));
  pages_.push_back(valueOf("namenode_http", *line));
  pages_.push_back(valueOf("jobtracker_http", *line));
}

int Mini::stop() {
  process_->signal(SIGTERM);
  return process_->wait().value_or(-1);
}

void Mini::stopDatanode(int number) {
  const auto outcome =
      cairn({"mini", "--dir", directory(), "--stop-datanode", std::to_string(number)});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

std::vector<std::string> Mini::environmentWith(std::vector<std::string> more) const {
  std::vector<std::string> all{"CAIRN_CONFIG=" + (scratch_ / "cairn.toml")};
  if (!namenode_.empty()) {
    all.push_back("CAIRN_NAMENODE=" + namenode_);
    all.push_back("CAIRN_JOBTRACKER=" + jobtracker_);
  }
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Outcome Mini::cairn(std::vector<std::string> arguments, std::vector<std::string> environment) {
  arguments.insert(arguments.begin(), cairnBinary());
  return run(std::move(arguments), environmentWith(std::move(environment)));
}

Outcome Mini::program(std::vector<std::string> command) {
  return run(std::move(command), environmentWith({}));
}

std::unique_ptr<Process> Mini::beginProgram(std::vector<std::string> command,
                                            const std::string& name) {
  return std::make_unique<Process>(Launch{.command = std::move(command),
                                          .environment = environmentWith({}),
                                          .directory = scratch_.path(),
                                          .outputPath = scratch_ / (name + ".out"),
                                          .errorPath = scratch_ / (name + ".err")});
}

std::unique_ptr<Process> Mini::begin(std::vector<std::string> arguments, const std::string& name,
                                     std::vector<std::string> environment) {
  arguments.insert(arguments.begin(), cairnBinary());
  return std::make_unique<Process>(Launch{.command = std::move(arguments),
                                          .environment = environmentWith(std::move(environment)),
                                          .directory = scratch_.path(),
                                          .outputPath = scratch_ / (name + ".out"),
                                          .errorPath = scratch_ / (name + ".err")});
}

}  // namespace cairn::testkit
