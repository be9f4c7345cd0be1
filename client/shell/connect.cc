#include "client/shell/connect.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "client/library/connect.h"

namespace cairn::shell {
namespace {

// The first failure of a call is told at once, then one every this many ms of waiting.
constexpr std::uint32_t RETRY_MESSAGE_EVERY_MS = 5'000;

// The failure on one line, without the address, which the sentence around it names.
std::string reasonOf(const Status& failure, const std::string& address) {
  std::string_view text = failure.message();
  const auto strip = [&](std::string_view prefix) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  };
  strip("cannot connect to " + address + ": ");
  strip(address + ": ");
  strip("connect(): ");
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

// Called on the library's thread; printError() is safe there.
class RetryMessages {
public:
  RetryMessages(Console& console, std::uint32_t budgetMs)
      : console_(&console), budgetMs_(budgetMs) {}
  void operator()(const RetryNotice& notice) {
    silentMs_ += notice.waitMs;
    if (notice.attempt > 1 && silentMs_ < RETRY_MESSAGE_EVERY_MS) return;
    silentMs_ = 0;
    const auto code = notice.failure.code();
    const bool lost = code == Code::UNAVAILABLE || code == Code::TIMED_OUT;
    std::string text = "cairn: namenode " + notice.address +
                       (lost ? " does not answer (" : " is not ready (") +
                       reasonOf(notice.failure, notice.address) + "); trying again";
    if (notice.attempt == 1) text += " for " + std::to_string((budgetMs_ + 999) / 1000) + " s";
    console_->printError(text + "\n");
  }

private:
  Console* console_;
  std::uint32_t budgetMs_;
  std::uint32_t silentMs_ = 0;
};

}  // namespace

Connection::Connection(const config::Settings& settings, Console& console,
                       config::ClientConfig config)
    : settings_(&settings), console_(&console), config_(std::move(config)) {}

Result<Connection> Connection::prepare(const config::Settings& settings, Console& console) {
  ASSIGN(auto config, config::ClientConfig::from(settings));
  return Connection(settings, console, std::move(config));
}

Result<Client*> Connection::client() {
  if (!client_) {
    // Not Client::connect(), which would read the default configuration again, --config or not.
    auto settings = library::settingsOf(config_);
    settings.options.onRetry = RetryMessages(*console_, config_.retryBudgetMs);
    client_ = library::Connector::connect(std::move(settings));
  }
  return &*client_;
}

CreateOptions Connection::createOptions() const {
  const auto chosen = [&](std::string_view key) { return settings_->originOf(key) != "default"; };
  CreateOptions options;
  options.mode = fileMode();
  options.createParents = false;
  if (chosen("fs.replication")) options.replication = config_.files.replication;
  if (chosen("fs.chunk_size")) options.chunkSize = config_.files.chunkSizeBytes;
  if (chosen("fs.codec") || chosen("fs.zstd_level")) {
    options.defaultCodec = false;
    options.codec = config_.files.compress ? Codec::ZSTD : Codec::NONE;
    options.zstdLevel = static_cast<std::int8_t>(config_.files.zstdLevel);
  }
  return options;
}

bool Connection::isNamenodeLost(const Status& failure) const {
  if (failure.code() != Code::UNAVAILABLE && failure.code() != Code::TIMED_OUT) return false;
  // Failures of datanodes name the datanodes.
  return failure.message().find(config_.namenode.toString()) != std::string::npos;
}

std::string Connection::describeLost(const Status& failure) const {
  const auto address = config_.namenode.toString();
  return "namenode " + address + " does not answer: " + reasonOf(failure, address) +
         " (another one: --namenode HOST:PORT, CAIRN_NAMENODE=HOST:PORT, or client.namenode in "
         "cairn.toml)";
}

}  // namespace cairn::shell
