#include "mapreduce/task/segment_fetcher.h"

#include <fcntl.h>
#include <kj/vector.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::mr {

namespace {

constexpr std::uint32_t PIECE_BYTES = 1 << 20;
// A piece is a MiB: a tracker that cannot send one in this time is as good as gone.
constexpr std::uint32_t PIECE_MS = 60'000;

}  // namespace

SegmentFetcher::SegmentFetcher(rpc::Host& host, wire::TaskHost::Client taskHost, JobId job,
                               std::uint32_t maps, std::string machine, rpc::ClientHello hello,
                               FetchLimits limits)
    : host_(host),
      taskHost_(kj::mv(taskHost)),
      job_(job),
      machine_(std::move(machine)),
      limits_(limits),
      pool_(host, hello),
      total_(maps),
      tasks_(*this) {
  if (total_ > 0) tasks_.add(follow());
}

SegmentFetcher::~SegmentFetcher() noexcept(false) {}

void SegmentFetcher::taskFailed(kj::Exception&& exception) {
  giveUp(rpc::fromException(exception, "the shuffle"));
}

void SegmentFetcher::giveUp(Status why) {
  if (!failure_) failure_ = std::move(why);
  wake();
}

void SegmentFetcher::wake() {
  if (wake_.get() != nullptr) wake_->fulfill();
}

kj::Promise<void> SegmentFetcher::follow() {
  std::uint64_t version = 0;
  while (true) {
    auto request = taskHost_.mapOutputsRequest();
    request.setAfterVersion(version);
    auto reply = co_await request.send();
    auto outcome = rpc::fromWire(reply.getFault());
    if (!outcome.has_value()) {
      giveUp(std::move(outcome).error());
      co_return;
    }
    version = reply.getVersion();
    for (auto output : reply.getOutputs()) {
      if (output.getMap() < total_) learn(output);
    }
    pump();
  }
}

void SegmentFetcher::learn(wire::MapOutput::Reader output) {
  const auto index = output.getMap();
  auto& map = maps_[index];
  if (map.phase == Phase::DELIVERED || map.phase == Phase::READY) return;
  // A fetch under way goes on with what it knows; it looks again when it fails.
  const auto segment = output.getSegment();
  map.at = {output.getAttempt(),
            output.getAvailable(),
            rpc::toString(output.getAddress()),
            rpc::toString(output.getMachine()),
            rpc::toString(output.getDirectory()),
            {segment.getOffset(), segment.getLength(), segment.getRecords(),
             segment.getPlainLength(), segment.getCrc32c()}};
  if (map.rejected == map.at.attempt) map.at.available = false;
  if (map.phase == Phase::UNKNOWN && map.at.available) {
    map.phase = Phase::WAITING;
    waiting_.push_back(index);
  }
}

void SegmentFetcher::pump() {
  while (!waiting_.empty() && fetching_ < limits_.atOnce &&
         ready_.size() + fetching_ < limits_.aheadSegmentsMax &&
         (aheadBytes_ == 0 || aheadBytes_ < limits_.aheadBytesMax)) {
    const auto index = waiting_.front();
    waiting_.pop_front();
    auto& map = maps_[index];
    if (!map.at.available) {
      map.phase = Phase::UNKNOWN;
      continue;
    }
    map.phase = Phase::FETCHING;
    ++fetching_;
    tasks_.add(fetch(index));
  }
}

kj::Promise<void> SegmentFetcher::fetch(std::uint32_t index) {
  auto& map = maps_[index];
  const auto at = map.at;
  const auto length = at.place.lengthBytes;
  aheadBytes_ += length;
  Result<FetchedSegment> segment = FetchedSegment{index, at.attempt, at.place, {}};
  if (length > 0) {
    segment = fail(Code::NOT_FOUND, "");
    if (!machine_.empty() && at.machine == machine_) segment = co_await fetchHere(index, at);
    if (!segment.has_value()) segment = co_await fetchThere(index, at);
  }
  --fetching_;
  if (segment.has_value()) {
    map.phase = Phase::READY;
    // A descriptor costs no memory.
    if (std::holds_alternative<FetchedSegment::InFile>(segment->body)) aheadBytes_ -= length;
    ready_.push_back(std::move(*segment));
    wake();
    pump();
    co_return;
  }
  aheadBytes_ -= length;
  ++map.failures;
  const auto code = segment.error().code();
  const bool gone = code == Code::NOT_FOUND || code == Code::CORRUPT;
  if (gone) map.rejected = at.attempt;
  // What has been learnt meanwhile may be another attempt, or nothing.
  const bool newer = map.at.available && map.at.attempt != at.attempt;
  if (gone && !newer) map.at.available = false;
  map.phase = Phase::UNKNOWN;
  if (newer) {
    map.phase = Phase::WAITING;
    waiting_.push_back(index);
  }
  pump();
  co_await lost(index, at.attempt, std::move(segment).error());
  if (map.phase != Phase::UNKNOWN || !map.at.available) co_return;
  const auto shift = std::min(map.failures - 1, 8u);
  const auto waitMs = std::min(limits_.retryMs << shift, limits_.retryCeilingMs);
  co_await host_.timer.afterDelay(waitMs * kj::MILLISECONDS);
  if (map.phase != Phase::UNKNOWN || !map.at.available) co_return;
  map.phase = Phase::WAITING;
  waiting_.push_back(index);
  pump();
}

kj::Promise<Result<FetchedSegment>> SegmentFetcher::fetchHere(std::uint32_t index, Location at) {
  auto request = taskHost_.openMapOutputRequest();
  auto output = request.initOutput();
  output.setMap(index);
  output.setAttempt(at.attempt);
  output.setMachine(at.machine);
  output.setDirectory(at.directory);
  auto reply = co_await request.send();
  CO_TRY(rpc::fromWire(reply.getFault()));
  auto file = reply.getFile();
  const auto fd = co_await file.getFd();
  KJ_IF_MAYBE (given, fd) {
    // The descriptor goes with the capability.
    UniqueFd own(::fcntl(*given, F_DUPFD_CLOEXEC, 5));
    if (!own) co_return fail(statusFromErrno(errno, "a map output's descriptor"));
    co_return FetchedSegment{index, at.attempt, at.place, FetchedSegment::InFile{std::move(own)}};
  }
  co_return fail(Code::UNAVAILABLE, "no descriptor came with the map output");
}

kj::Promise<Result<FetchedSegment>> SegmentFetcher::fetchThere(std::uint32_t index, Location at) {
  const auto name = AttemptId{{job_, TaskKind::MAP, index}, at.attempt}.toString();
  const auto& address = at.address;
  const auto offset = at.place.offset;
  const auto length = at.place.lengthBytes;
  CO_ASSIGN(auto server, co_await pool_.get<wire::MapOutputs>(address));
  ByteVector bytes(length);
  using Reply = capnp::Response<wire::MapOutputs::ReadResults>;
  std::deque<kj::Promise<Result<Reply>>> inFlight;
  std::uint64_t asked = 0;
  std::uint64_t got = 0;
  while (got < length) {
    while (asked < length && inFlight.size() < limits_.piecesInFlight) {
      auto request = server.readRequest();
      request.setAttempt(name);
      request.setOffset(offset + asked);
      const auto want = std::min<std::uint64_t>(length - asked, PIECE_BYTES);
      request.setLength(static_cast<std::uint32_t>(want));
      asked += want;
      inFlight.push_back(rpc::withDeadline<Reply>(
          host_.timer, PIECE_MS,
          rpc::caught(kj::Promise<Reply>(request.send()), "fetching a map output from " + address),
          "fetching a map output from " + address));
    }
    auto reply = co_await kj::mv(inFlight.front());
    inFlight.pop_front();
    if (!reply.has_value()) {
      if (reply.error().code() == Code::UNAVAILABLE) pool_.drop(address);
      co_return fail(std::move(reply).error());
    }
    CO_TRY(rpc::fromWire(reply->getFault()));
    const auto piece = rpc::toView(reply->getBytes());
    const auto want = std::min<std::uint64_t>(length - got, PIECE_BYTES);
    if (piece.size() != want) {
      co_return fail(Code::CORRUPT,
                     "the map output at " + address + " is shorter than it should be");
    }
    std::memcpy(bytes.data() + got, piece.data(), piece.size());
    got += piece.size();
  }
  co_return FetchedSegment{index, at.attempt, at.place, std::move(bytes)};
}

kj::Promise<void> SegmentFetcher::lost(std::uint32_t map, std::uint32_t attempt, Status why) {
  LOG(WARNING) << "map " << map << ", attempt " << attempt << ": " << why.toString();
  auto request = taskHost_.mapOutputLostRequest();
  request.setMap(map);
  request.setAttempt(attempt);
  rpc::toWire(why, request.initReason());
  co_await request.send().ignoreResult();
}

kj::Promise<Result<std::optional<FetchedSegment>>> SegmentFetcher::next() {
  while (true) {
    if (!ready_.empty()) {
      auto segment = std::move(ready_.front());
      ready_.pop_front();
      if (std::holds_alternative<ByteVector>(segment.body))
        aheadBytes_ -= segment.place.lengthBytes;
      maps_[segment.mapIndex].phase = Phase::DELIVERED;
      ++delivered_;
      pump();
      co_return std::optional<FetchedSegment>(std::move(segment));
    }
    if (failure_) co_return fail(*failure_);
    if (delivered_ == total_) {
      co_await taskHost_.shuffledRequest().send().ignoreResult();
      co_return std::optional<FetchedSegment>();
    }
    auto paf = kj::newPromiseAndFulfiller<void>();
    wake_ = kj::mv(paf.fulfiller);
    co_await kj::mv(paf.promise);
  }
}

kj::Promise<Result<void>> SegmentFetcher::reject(std::uint32_t index, std::uint32_t attempt,
                                                 Status why) {
  auto& map = maps_[index];
  if (map.phase != Phase::DELIVERED) {
    co_return fail(Code::INVALID_ARGUMENT, "a segment is rejected that was not delivered");
  }
  map.phase = Phase::UNKNOWN;
  map.rejected = attempt;
  map.at.available = false;
  --delivered_;
  // Whatever was wrong with it, the copy there is not to be trusted.
  co_await lost(index, attempt, Status(Code::CORRUPT, why.message()));
  co_return Result<void>{};
}

}  // namespace cairn::mr
