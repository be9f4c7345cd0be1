// ClientService: calls that change the namespace. Each is answered when what it rests on is
// durable.
#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/abandon_chunk.h"
#include "namenode/ops/add_chunk.h"
#include "namenode/ops/complete.h"
#include "namenode/ops/create.h"
#include "namenode/ops/mkdirs.h"
#include "namenode/ops/path.h"
#include "namenode/ops/remove.h"
#include "namenode/ops/rename.h"
#include "namenode/ops/stat.h"
#include "namenode/ops/subtree_check.h"
#include "namenode/service/client_service.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toView;

namespace {

// Rows that one slice of a walk over a subtree looks at: about a millisecond.
constexpr std::size_t SUBTREE_SLICE_ROWS = 1000;
// The directory was replaced while its subtree was walked so often: somebody else is at work there.
constexpr int SUBTREE_WALKS_MAX = 3;

}  // namespace

std::vector<NodeId> nodesOf(capnp::List<std::uint32_t>::Reader named) {
  constexpr unsigned NAMED_MAX = 10'000;
  std::vector<NodeId> nodes;
  for (const auto node : named) {
    if (nodes.size() == NAMED_MAX) break;
    nodes.emplace_back(node);
  }
  return nodes;
}

std::uint32_t leaseRenewMs(const State& state) { return state.config.leaseSoftMs / 2; }

Result<void> requireClient(const Caller& caller) {
  if (!caller.client.isNil()) return {};
  return fail(Code::INVALID_ARGUMENT, "a writer needs a client id");
}

std::vector<const Datanode*> knownNodes(const State& state, const record::Allocation& allocation) {
  std::vector<const Datanode*> nodes;
  for (const auto node : allocation.pipeline()) {
    const Datanode* const known = state.datanodes.find(NodeId(node));
    if (known != nullptr) nodes.push_back(known);
  }
  return nodes;
}

void fillAllocated(const State& state, const record::Allocation& allocation,
                   wire::LocatedChunk::Builder to) {
  auto ref = to.initChunk();
  ref.setId(allocation.chunk());
  ref.setGeneration(allocation.generation());
  to.setOffset(allocation.offset());
  const auto pipeline = knownNodes(state, allocation);
  auto replicas = to.initReplicas(static_cast<unsigned>(pipeline.size()));
  for (unsigned i = 0; i < replicas.size(); ++i) toWire(*pipeline[i], replicas[i]);
}

kj::Promise<void> ClientService::mkdirs(MkdirsContext context) {
  return changePath(
      context, Method::MKDIRS, &ClientService::mkdirs,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        const auto params = context.getParams();
        return nn::mkdirs(
            draft, with,
            {.path = path, .mode = params.getMode(), .createParents = params.getCreateParents()});
      },
      [](auto& results, const auto& answer) { results.setCreated(answer.flag()); });
}

kj::Promise<void> ClientService::create(CreateContext context) {
  return changePath(
      context, Method::CREATE, &ClientService::create,
      [&](Draft& draft, nn::Context& with, const Path& path) -> Result<Outcome> {
        TRY(requireClient(with.caller));
        const auto options = context.getParams().getOptions();
        CreateRequest request{.path = path,
                              .mode = options.getMode(),
                              .overwrite = options.getOverwrite(),
                              .createParents = options.getCreateParents(),
                              .replication = options.getReplication(),
                              .chunkSize = options.getChunkSize(),
                              .codec = {},
                              .zstdLevel = options.getZstdLevel()};
        if (!options.getUseDefaultCodec()) request.codec = fromWire(options.getCodec());
        return nn::create(draft, with, request);
      },
      [state = state_](auto& results, const auto& answer) {
        toWire(answer.entry(), {}, results.initEntry());
        results.setLeaseRenewMs(leaseRenewMs(*state));
      });
}

kj::Promise<void> ClientService::addChunk(AddChunkContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::addChunk);
  const auto excluded = nodesOf(params.getExcluded());
  bool placed = false;
  auto applied = change(params.getCall(), Method::ADD_CHUNK,
                        [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
                          const auto candidates = state_->datanodes.candidates(with.awakeMs);
                          auto outcome = nn::addChunk(draft, with,
                                                      {.file = InodeId(params.getFile()),
                                                       .previous = fromWire(params.getPrevious()),
                                                       .excluded = excluded,
                                                       .localNode = NodeId(params.getLocalNode()),
                                                       .machine = toView(params.getMachine())},
                                                      candidates, state_->dice());
                          placed = outcome.has_value();
                          return outcome;
                        });
  if (placed && applied.answer.has_value()) {
    for (const auto node : applied.answer->allocation().pipeline()) {
      if (Datanode* const chosen = state_->datanodes.find(NodeId(node))) ++chosen->assigned;
    }
  }
  return answerChange(context, Method::ADD_CHUNK, std::move(applied),
                      [state = state_](auto& results, const record::Answer& answer) {
                        const auto& allocation = answer.allocation();
                        results.setZstdLevel(static_cast<std::int8_t>(allocation.zstd_level()));
                        results.setFrameSize(state->settings.frameSize);
                        fillAllocated(*state, allocation, results.initChunk());
                      });
}

kj::Promise<void> ClientService::abandonChunk(AbandonChunkContext context) {
  return changeOnce(
      context, Method::ABANDON_CHUNK, &ClientService::abandonChunk,
      [&](Draft& draft, nn::Context& with) {
        const auto params = context.getParams();
        const auto chunk = params.getChunk();
        return nn::abandonChunk(draft, with,
                                {.file = InodeId(params.getFile()),
                                 .chunk = ChunkId(chunk.getId()),
                                 .generation = GenerationStamp(chunk.getGeneration())});
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::complete(CompleteContext context) {
  return changeOnce(
      context, Method::COMPLETE, &ClientService::complete,
      [&](Draft& draft, nn::Context& with) {
        const auto params = context.getParams();
        return nn::complete(
            draft, with, {.file = InodeId(params.getFile()), .last = fromWire(params.getLast())});
      },
      [](auto& results, const auto& answer) { toWire(answer.entry(), {}, results.initEntry()); });
}

kj::Promise<void> ClientService::rename(RenameContext context) {
  return changeOnce(
      context, Method::RENAME, &ClientService::rename,
      [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        const auto params = context.getParams();
        ASSIGN(const auto from, Path::parse(toView(params.getFrom())));
        ASSIGN(const auto to, Path::parse(toView(params.getTo())));
        return nn::rename(draft, with,
                          {.from = from,
                           .to = to,
                           .overwrite = params.getOverwrite(),
                           .moveInto = params.getMoveInto()});
      },
      FILL_NOTHING);
}

Applied ClientService::removeOnce(RemoveContext& context, std::optional<InodeId> checkedBelow) {
  const auto params = context.getParams();
  return change(
      params.getCall(), Method::REMOVE, [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        ASSIGN(const auto path, Path::parse(toView(params.getPath())));
        return nn::remove(
            draft, with,
            {.path = path, .recursive = params.getRecursive(), .checkedBelow = checkedBelow});
      });
}

kj::Promise<void> ClientService::remove(RemoveContext context) {
  if (isNew(context.getParams().getCall())) {
    return onceKnown(context, &ClientService::remove);
  }
  auto applied = removeOnce(context, {});
  if (!applied.answer.has_value() && applied.answer.error().code() == Code::STALE) {
    return removeChecked(context);
  }
  return answerChange(context, Method::REMOVE, std::move(applied),
                      [](auto& results, const auto& answer) { results.setRemoved(answer.flag()); });
}

kj::Promise<Result<InodeId>> ClientService::checkSubtree(RemoveContext context) {
  const auto params = context.getParams();
  // By value: other calls go on between the slices.
  CO_ASSIGN(Caller* const known, callerOf(params.getCall()));
  const Caller caller = *known;
  CO_ASSIGN(const auto path, Path::parse(toView(params.getPath())));
  CO_ASSIGN(const auto top, state_->store->readEntry([&](const MetaView& view) {
    return nn::stat(view, caller, path);
  }));
  SubtreeCheck check(toPathNode(top), path.text());
  while (true) {
    CO_TRY(state_->allowReads());
    CO_ASSIGN(const bool done, check.step(*state_->store->snapshot(), caller, SUBTREE_SLICE_ROWS));
    if (done) co_return check.top();
    co_await kj::evalLater([]() {});
  }
}

kj::Promise<void> ClientService::removeChecked(RemoveContext context) {
  Applied applied{fail(Code::STALE, ""), state_->commits.durableGroup()};
  for (int walk = 0; walk < SUBTREE_WALKS_MAX; ++walk) {
    auto checked = co_await checkSubtree(context);
    if (!checked.has_value()) {
      applied.answer = std::unexpected(std::move(checked).error());
      break;
    }
    // The walk may take longer than groups are remembered.
    const auto call = context.getParams().getCall();
    if (isNew(call)) {
      auto loaded = co_await state_->callers.load(toView(call.getUser()), state_->monotonicMs());
      if (!loaded.has_value()) {
        applied.answer = std::unexpected(std::move(loaded).error());
        break;
      }
    }
    applied = removeOnce(context, *checked);
    if (applied.answer.has_value() || applied.answer.error().code() != Code::STALE) break;
  }
  co_await answerChange(
      context, Method::REMOVE, std::move(applied),
      [](auto& results, const auto& answer) { results.setRemoved(answer.flag()); });
}

}  // namespace cairn::nn
