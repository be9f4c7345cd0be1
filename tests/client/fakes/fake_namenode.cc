#include "tests/client/fakes/fake_namenode.h"

#include <algorithm>

#include "common/rpc/convert.h"

namespace cairn::client::fakes {

using rpc::toString;
using rpc::toText;

std::uint64_t FakeFile::length() const {
  std::uint64_t sum = 0;
  for (const auto& chunk : chunks) sum += chunk.length;
  return sum;
}

FakeFile* NamenodeState::fileById(std::uint64_t id) {
  for (auto& [path, file] : files) {
    if (file.id == id) return &file;
  }
  return nullptr;
}

bool FakeNamenode::refuse(wire::Fault::Builder fault) {
  if (state_.refusals.empty()) return false;
  rpc::toWire(state_.refusals.front(), fault);
  state_.refusals.erase(state_.refusals.begin());
  return true;
}

template <typename Results, typename Context>
kj::Promise<void> FakeNamenode::change(
    const char* verb, Context context,
    const std::function<Result<void>(typename Results::Builder)>& apply) {
  auto call = context.getParams().getCall();
  const auto client = rpc::fromWire(call.getClient());
  if (auto known = state_.answers.find({client, call.getCallId()}); known != state_.answers.end()) {
    context.setResults(known->second->template getRoot<Results>().asReader());
    return kj::READY_NOW;
  }
  auto results = context.getResults();
  if (refuse(results.getFault())) return kj::READY_NOW;
  if (auto applied = apply(results); !applied.has_value()) {
    rpc::toWire(applied.error(), results.initFault());
  } else {
    ++state_.effects[verb];
  }
  // As the namenode does: what lies below the client's mark is not kept.
  std::erase_if(state_.answers, [&](const auto& entry) {
    return entry.first.first == client && entry.first.second < call.getLowestOpenCall();
  });
  auto record = std::make_shared<capnp::MallocMessageBuilder>();
  record->setRoot(results.asReader());
  state_.answers[{client, call.getCallId()}] = record;
  if (state_.loseReplies > 0) {
    --state_.loseReplies;
    return KJ_EXCEPTION(DISCONNECTED, "the answer was lost");
  }
  return kj::READY_NOW;
}

void FakeNamenode::fill(wire::Entry::Builder to, const std::string& name,
                        const FakeFile& file) const {
  to.setId(file.id);
  to.setName(toText(name));
  to.setKind(wire::EntryKind::FILE);
  to.setLength(file.length());
  to.setChunkSize(file.chunkSize);
  to.setChunkCount(static_cast<std::uint32_t>(file.chunks.size()));
  to.setReplication(state_.replication);
  to.setUnderConstruction(file.open);
  to.setCodec(toWire(file.codec));
}

void FakeNamenode::fill(wire::LocatedChunk::Builder to, const FakeChunk& chunk,
                        std::uint64_t offset) const {
  to.getChunk().setId(chunk.id);
  to.getChunk().setGeneration(chunk.generation);
  to.setOffset(offset);
  to.setLength(chunk.length);
  to.setComplete(chunk.committed);
  to.setChanging(!chunk.committed);
  auto replicas = to.initReplicas(static_cast<unsigned>(chunk.nodes.size()));
  for (unsigned i = 0; i < replicas.size(); ++i) {
    auto node = std::ranges::find(state_.datanodes, chunk.nodes[i], &DatanodeAddress::node);
    if (node != state_.datanodes.end()) toWire(*node, replicas[i]);
  }
}

Result<void> FakeNamenode::commit(FakeFile& file, wire::ChunkCommit::Reader from) {
  auto id = from.getChunk().getId();
  if (id == 0) {
    if (!file.chunks.empty() && !file.chunks.back().committed) {
      return fail(Code::INVALID_ARGUMENT, "the last chunk was never committed");
    }
    return {};
  }
  if (file.chunks.empty() || file.chunks.back().id != id) {
    return fail(Code::INVALID_ARGUMENT, "a commit of a chunk that is not the last");
  }
  auto& chunk = file.chunks.back();
  if (chunk.generation != from.getChunk().getGeneration()) {
    return fail(Code::STALE, "a commit of another generation");
  }
  chunk.length = from.getLength();
  chunk.committed = true;
  if (from.getSealed().size() == 0) return {};  // as it was before an append of nothing
  chunk.nodes.clear();
  for (auto sealed : from.getSealed()) chunk.nodes.push_back(sealed.getNode());
  return {};
}

kj::Promise<void> FakeNamenode::stat(StatContext context) {
  auto results = context.getResults();
  if (refuse(results.getFault())) return kj::READY_NOW;
  auto path = toString(context.getParams().getPath());
  if (auto file = state_.files.find(path); file != state_.files.end()) {
    fill(results.initEntry(), "", file->second);
  } else if (state_.directories.contains(path)) {
    results.initEntry().setKind(wire::EntryKind::DIRECTORY);
  } else {
    rpc::toWire(Status(Code::NOT_FOUND, path + " does not exist"), results.initFault());
  }
  return kj::READY_NOW;
}

kj::Promise<void> FakeNamenode::list(ListContext context) {
  auto results = context.getResults();
  if (refuse(results.getFault())) return kj::READY_NOW;
  auto params = context.getParams();
  auto directory = toString(params.getPath());
  auto prefix = directory == "/" ? directory : directory + "/";
  auto after = toString(params.getStartAfter());
  auto limit = params.getLimit() == 0 ? 3 : params.getLimit();
  std::vector<std::pair<std::string, const FakeFile*>> found;
  bool more = false;
  for (const auto& [path, file] : state_.files) {
    if (!path.starts_with(prefix)) continue;
    auto name = path.substr(prefix.size());
    if (!after.empty() && name <= after) continue;
    if (found.size() == limit) {
      more = true;
      break;
    }
    found.emplace_back(name, &file);
  }
  auto entries = results.initEntries(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < entries.size(); ++i) fill(entries[i], found[i].first, *found[i].second);
  results.setMore(more);
  return kj::READY_NOW;
}

kj::Promise<void> FakeNamenode::mkdirs(MkdirsContext context) {
  return change<wire::Namenode::MkdirsResults>(
      "mkdirs", context, [&](auto results) -> Result<void> {
        results.setCreated(
            state_.directories.insert(toString(context.getParams().getPath())).second);
        return {};
      });
}

kj::Promise<void> FakeNamenode::create(CreateContext context) {
  return change<wire::Namenode::CreateResults>(
      "create", context, [&](auto results) -> Result<void> {
        auto params = context.getParams();
        auto path = toString(params.getPath());
        auto options = params.getOptions();
        if (state_.files.contains(path) && !options.getOverwrite()) {
          return fail(Code::ALREADY_EXISTS, path + " exists");
        }
        FakeFile file;
        file.id = state_.nextId++;
        file.chunkSize = options.getChunkSize() == 0 ? state_.chunkSize : options.getChunkSize();
        if (!options.getUseDefaultCodec()) file.codec = fromWire(options.getCodec());
        fill(results.initEntry(), "", file);
        results.setLeaseRenewMs(state_.leaseRenewMs);
        state_.files[path] = std::move(file);
        return {};
      });
}

kj::Promise<void> FakeNamenode::addChunk(AddChunkContext context) {
  return change<wire::Namenode::AddChunkResults>(
      "addChunk", context, [&](auto results) -> Result<void> {
        auto params = context.getParams();
        std::vector<std::uint32_t> excluded;
        for (auto node : params.getExcluded()) excluded.push_back(node);
        state_.excludedSeen.push_back(excluded);
        auto* file = state_.fileById(params.getFile());
        if (file == nullptr) return fail(Code::NOT_FOUND, "no such file");
        TRY(commit(*file, params.getPrevious()));
        FakeChunk chunk{
            .id = state_.nextId++ << 4, .generation = ++state_.lastGeneration, .nodes = {}};
        for (const auto& node : state_.datanodes) {
          if (chunk.nodes.size() == state_.replication) break;
          if (std::ranges::find(excluded, node.node) == excluded.end()) {
            chunk.nodes.push_back(node.node);
          }
        }
        if (chunk.nodes.empty()) return fail(Code::PLACEMENT_FAILED, "no datanode is left");
        fill(results.initChunk(), chunk, file->length());
        results.setZstdLevel(state_.zstdLevel);
        results.setFrameSize(state_.frameSize);
        file->chunks.push_back(std::move(chunk));
        return {};
      });
}

kj::Promise<void> FakeNamenode::abandonChunk(AbandonChunkContext context) {
  return change<wire::Namenode::AbandonChunkResults>(
      "abandonChunk", context, [&](auto) -> Result<void> {
        auto* file = state_.fileById(context.getParams().getFile());
        auto id = context.getParams().getChunk().getId();
        if (file == nullptr || file->chunks.empty() || file->chunks.back().id != id) {
          return fail(Code::NOT_FOUND, "not the last chunk");
        }
        file->chunks.pop_back();
        ++state_.abandoned;
        return {};
      });
}

kj::Promise<void> FakeNamenode::complete(CompleteContext context) {
  return change<wire::Namenode::CompleteResults>(
      "complete", context, [&](auto results) -> Result<void> {
        auto* file = state_.fileById(context.getParams().getFile());
        if (file == nullptr) return fail(Code::NOT_FOUND, "no such file");
        TRY(commit(*file, context.getParams().getLast()));
        file->open = false;
        fill(results.initEntry(), "", *file);
        return {};
      });
}

kj::Promise<void> FakeNamenode::getLocations(GetLocationsContext context) {
  ++state_.locationCalls;
  auto results = context.getResults();
  if (refuse(results.getFault())) return kj::READY_NOW;
  auto params = context.getParams();
  auto path = toString(params.getPath());
  auto found = state_.files.find(path);
  if (found == state_.files.end()) {
    auto isDirectory = state_.directories.contains(path);
    rpc::toWire(Status(isDirectory ? Code::IS_A_DIRECTORY : Code::NOT_FOUND, path),
                results.initFault());
    return kj::READY_NOW;
  }
  const auto& file = found->second;
  fill(results.initEntry(), "", file);
  std::vector<std::pair<std::uint64_t, const FakeChunk*>> wanted;
  std::uint64_t offset = 0;
  auto end = params.getLength() > UINT64_MAX - params.getOffset()
                 ? UINT64_MAX
                 : params.getOffset() + params.getLength();
  for (const auto& chunk : file.chunks) {
    const bool covers = offset + chunk.length > params.getOffset() || !chunk.committed;
    if (covers && offset < end) {
      if (wanted.size() == state_.pageChunks) {
        results.setMore(true);
        break;
      }
      wanted.emplace_back(offset, &chunk);
    }
    offset += chunk.length;
  }
  auto chunks = results.initChunks(static_cast<unsigned>(wanted.size()));
  for (unsigned i = 0; i < chunks.size(); ++i) fill(chunks[i], *wanted[i].second, wanted[i].first);
  return kj::READY_NOW;
}

kj::Promise<void> FakeNamenode::remove(RemoveContext context) {
  return change<wire::Namenode::RemoveResults>(
      "remove", context, [&](auto results) -> Result<void> {
        auto path = toString(context.getParams().getPath());
        results.setRemoved(state_.files.erase(path) + state_.directories.erase(path) > 0);
        return {};
      });
}

kj::Promise<void> FakeNamenode::rename(RenameContext context) {
  return change<wire::Namenode::RenameResults>("rename", context, [&](auto) -> Result<void> {
    auto node = state_.files.extract(toString(context.getParams().getFrom()));
    if (node.empty()) return fail(Code::NOT_FOUND, "no such file");
    node.key() = toString(context.getParams().getTo());
    state_.files.insert(std::move(node));
    return {};
  });
}

kj::Promise<void> FakeNamenode::renewLease(RenewLeaseContext context) {
  ++state_.renewals;
  return kj::READY_NOW;
}

kj::Promise<void> FakeNamenode::reportBadReplica(ReportBadReplicaContext context) {
  auto params = context.getParams();
  state_.badReplicas.emplace_back(params.getChunk().getId(), params.getNode());
  return kj::READY_NOW;
}

Result<FakeChunk*> FakeNamenode::lastChunk(std::uint64_t id, wire::ChunkRef::Reader chunk) {
  auto* file = state_.fileById(id);
  if (file == nullptr || !file->open) return fail(Code::LEASE_EXPIRED, "not open");
  if (file->chunks.empty() || file->chunks.back().id != chunk.getId()) {
    return fail(Code::NOT_FOUND, "not the last chunk");
  }
  if (file->chunks.back().generation != chunk.getGeneration()) {
    return fail(Code::STALE, "not the generation on record");
  }
  return &file->chunks.back();
}

kj::Promise<void> FakeNamenode::append(AppendContext context) {
  return change<wire::Namenode::AppendResults>(
      "append", context, [&](auto results) -> Result<void> {
        auto params = context.getParams();
        auto found = state_.files.find(toString(params.getPath()));
        if (found == state_.files.end()) return fail(Code::NOT_FOUND, "no such file");
        auto& file = found->second;
        if (file.open) return fail(Code::LEASE_CONFLICT, "it is being written");
        file.open = true;
        fill(results.initEntry(), "", file);
        results.setLeaseRenewMs(state_.leaseRenewMs);
        results.setZstdLevel(state_.zstdLevel);
        results.setFrameSize(state_.frameSize);
        if (!file.chunks.empty() && !params.getNewChunk() &&
            file.chunks.back().length < file.chunkSize) {
          auto& last = file.chunks.back();
          fill(results.initLast(), last, file.length() - last.length);
          last.committed = false;
        }
        return {};
      });
}

kj::Promise<void> FakeNamenode::updateChunk(UpdateChunkContext context) {
  auto params = context.getParams();
  auto results = context.getResults();
  if (refuse(results.getFault())) return kj::READY_NOW;
  if (auto chunk = lastChunk(params.getFile(), params.getChunk()); !chunk.has_value()) {
    rpc::toWire(chunk.error(), results.initFault());
  } else {
    results.setGeneration(++state_.lastGeneration);
  }
  return kj::READY_NOW;
}

kj::Promise<void> FakeNamenode::additionalNodes(AdditionalNodesContext context) {
  auto params = context.getParams();
  std::set<std::uint32_t> taken;
  for (auto node : params.getExisting()) taken.insert(node);
  for (auto node : params.getExcluded()) taken.insert(node);
  std::vector<DatanodeAddress> found;
  for (const auto& node : state_.datanodes) {
    if (found.size() < params.getCount() && !taken.contains(node.node)) found.push_back(node);
  }
  auto nodes = context.getResults().initNodes(static_cast<unsigned>(found.size()));
  for (unsigned i = 0; i < nodes.size(); ++i) toWire(found[i], nodes[i]);
  return kj::READY_NOW;
}

kj::Promise<void> FakeNamenode::updatePipeline(UpdatePipelineContext context) {
  return change<wire::Namenode::UpdatePipelineResults>(
      "updatePipeline", context, [&](auto) -> Result<void> {
        auto params = context.getParams();
        ASSIGN(auto* chunk, lastChunk(params.getFile(), params.getChunk()));
        if (params.getGeneration() <= chunk->generation) return fail(Code::STALE, "an older one");
        chunk->generation = params.getGeneration();
        chunk->committed = false;
        chunk->nodes.clear();
        for (auto node : params.getNodes()) chunk->nodes.push_back(node);
        return {};
      });
}

kj::Promise<void> FakeNamenode::syncFile(SyncFileContext context) {
  return change<wire::Namenode::SyncFileResults>("syncFile", context, [&](auto) -> Result<void> {
    auto params = context.getParams();
    TRY(lastChunk(params.getFile(), params.getChunk()));
    state_.synced.push_back(params.getLength());
    return {};
  });
}

}  // namespace cairn::client::fakes
