#include "tests/sim/onlooker.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "client/core/visible_length.h"

namespace cairn::sim {
namespace {

constexpr std::uint32_t ANSWER_MS = 1000;

client::Options impatient(client::Options options) {
  options.namenodeCallMs = ANSWER_MS;
  options.datanodeReadMs = ANSWER_MS;
  options.retry.budgetMs = 0;
  return options;
}

}  // namespace

Onlooker::Onlooker(rpc::Host& host, client::Options options)
    : session_(host, impatient(std::move(options))) {}

kj::Promise<Result<Look>> Onlooker::glance(std::string path) { return lookAt(path, false); }

kj::Promise<Result<Look>> Onlooker::look(std::string path) { return lookAt(path, true); }

kj::Promise<Result<Look>> Onlooker::lookAt(std::string path, bool ask) {
  CO_ASSIGN(const auto page, co_await session_.namenode.getLocations(
                                 path, 0, UINT64_MAX, client::NamenodeClient::For::LOOK));
  Look look{.open = page.entry.underConstruction,
            .recorded = page.entry.length,
            .shown = page.entry.length};
  const bool writing =
      look.open && !page.more && !page.chunks.empty() && !page.chunks.back().at.complete;
  if (!writing) co_return look;
  const auto& chunk = page.chunks.back();
  look.chunk = chunk.at.chunk;
  look.generation = chunk.at.generation;
  std::vector<kj::Promise<Result<std::uint64_t>>> asked;
  for (const auto& node : chunk.at.replicas) {
    look.pipeline.push_back(node.address);
    if (ask) asked.push_back(client::visibleLengthAt(session_, chunk, node));
  }
  std::optional<std::uint64_t> least;
  bool all = true;
  for (auto& answer : asked) {
    const auto shown = co_await kj::mv(answer);
    all = all && shown.has_value();
    if (shown.has_value()) least = std::min(least.value_or(*shown), *shown);
  }
  if (all && least) look.shown = std::max(look.shown, chunk.at.offset + *least);
  co_return look;
}

}  // namespace cairn::sim
