#include "client/shell/verb.h"

#include <algorithm>
#include <utility>

#include "client/shell/failures.h"
#include "client/shell/glob.h"
#include "client/shell/interrupt.h"
#include "client/shell/text.h"
#include "client/shell/tree.h"

namespace cairn::shell {
namespace {

void complainOfUsage(const Invocation& call, std::string_view why) {
  call.console.complain(call.name + ": " + std::string(why) + " (see 'cairn " + call.name +
                        " --help')");
}

}  // namespace

Verb::Verb(const Invocation& call, Arguments arguments, Connection connection)
    : name_(call.name),
      console_(&call.console),
      arguments_(std::move(arguments)),
      connection_(std::move(connection)) {}

std::optional<Verb> Verb::begin(const Invocation& call, const Grammar& grammar) {
  auto arguments = Arguments::parse(call.args, grammar.flags);
  if (!arguments.has_value()) {
    complainOfUsage(call, arguments.error().message());
    return std::nullopt;
  }
  const auto count = arguments->operands().size();
  if (count < grammar.operandsMin) {
    complainOfUsage(call, std::string(grammar.missing[count == 0 ? 0 : 1]) + " is missing");
    return std::nullopt;
  }
  if (count > grammar.operandsMax) {
    complainOfUsage(call, "'" + arguments->operands()[grammar.operandsMax] + "' is too much");
    return std::nullopt;
  }
  auto connection = Connection::prepare(call.settings, call.console);
  if (!connection.has_value()) {
    call.console.complain(connection.error().message());
    return std::nullopt;
  }
  return Verb(call, std::move(*arguments), std::move(*connection));
}

Client* Verb::client() {
  auto client = connection_.client();
  if (client.has_value()) return *client;
  console_->complain(client.error().message());
  exitCode_ = EXIT_FAILED;
  return nullptr;
}

std::vector<Item> Verb::expandOperands(std::size_t first, std::size_t last) {
  std::vector<Item> all;
  auto* const client = this->client();
  if (client == nullptr) return all;
  const auto source = EntrySource::of(*client);
  last = std::min(last, operands().size());
  for (std::size_t i = first; i < last && !over(); ++i) {
    auto items = expand(operands()[i], connection_.paths(), source);
    if (!items.has_value()) {
      fail(operands()[i], items.error());
      continue;
    }
    for (auto& item : *items) all.push_back(std::move(item));
  }
  return all;
}

void Verb::forEachExisting(std::size_t first, bool recursive,
                           const std::function<void(const Item& item)>& visit) {
  auto* const client = this->client();
  if (client == nullptr) return;
  const TreeWalk walk{
      .visit = visit,
      .failed = [this](std::string_view shown, const Status& why) { fail(shown, why); },
      .over = [this]() { return over(); }};
  for (const auto& item : expandOperands(first)) {
    if (over()) return;
    if (!item.entry) {
      fail(item.shown, Status(Code::NOT_FOUND, ""));
    } else if (recursive) {
      walkTree(*client, item, walk);
    } else {
      visit(item);
    }
  }
}

std::optional<Item> Verb::lookUpOperand(const std::string& operand) {
  auto* const client = this->client();
  if (client == nullptr) return std::nullopt;
  auto item = lookUp(operand, connection_.paths(), EntrySource::of(*client));
  if (item.has_value()) return std::move(*item);
  fail(operand, item.error());
  return std::nullopt;
}

std::optional<Item> Verb::lookUpExisting(const std::string& operand) {
  auto item = lookUpOperand(operand);
  if (!item || item->entry) return item;
  fail(item->shown, Status(Code::NOT_FOUND, ""));
  return std::nullopt;
}

std::optional<Item> Verb::lookUpDestination(const std::string& operand) {
  if (!hasPattern(operand)) return lookUpOperand(operand);
  auto* const client = this->client();
  if (client == nullptr) return std::nullopt;
  auto items = expand(operand, connection_.paths(), EntrySource::of(*client));
  if (!items.has_value()) {
    fail(operand, items.error());
  } else if (items->size() > 1) {
    fail(operand, "matches " + std::to_string(items->size()) + " names; one is needed");
  } else {
    return std::move(items->front());
  }
  return std::nullopt;
}

void Verb::fail(std::string_view path, const Status& why) {
  if (connection_.isNamenodeLost(why)) {
    over_ = true;
    exitCode_ = EXIT_FAILED;
    console_->complain(name_ + ": " + connection_.describeLost(why));
    return;
  }
  // A signal has announced itself already, and says only what it could not clean up; a closed pipe
  // is nobody's business.
  if (why.code() == Code::CANCELLED) {
    over_ = true;
    exitCode_ = EXIT_FAILED;
    if (!why.message().empty()) console_->complain(name_ + ": " + why.message());
    return;
  }
  fail(path, posixText(why));
}

void Verb::fail(std::string_view path, std::string_view why) {
  exitCode_ = EXIT_FAILED;
  console_->complain(name_ + ": " + nameFor(console_->errIsTerminal(), path) + ": " +
                     std::string(why));
}

int Verb::misuse(std::string_view why) {
  console_->complain(name_ + ": " + std::string(why) + " (see 'cairn " + name_ + " --help')");
  return EXIT_USAGE;
}

int Verb::exitCode() const { return interrupted() ? EXIT_INTERRUPTED : exitCode_; }

bool Verb::over() const { return over_ || interrupted() || console_->broken(); }

}  // namespace cairn::shell
