#include "client/core/pipeline_opener.h"

#include "client/core/fault_wait.h"

namespace cairn::client {

kj::Promise<Result<OpenedChunk>> PipelineOpener::open(SealedChunk previous) {
  std::string failures;
  for (unsigned tries = 1;; ++tries) {
    auto added = co_await session_.namenode.addChunk(file_.id, previous, excluded_);
    if (!added.has_value()) {
      auto status = kj::mv(added).error();
      co_return fail(failures.empty() ? status : status.withContext("after " + failures));
    }
    previous = {};  // committed with the first try
    CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.chunk.after_add")));
    if (added->chunk.at.replicas.empty() || added->frameSize == 0) {
      co_return fail(Code::INTERNAL, "the namenode allocated a chunk without a pipeline");
    }
    auto opened =
        co_await openPipeline(session_.host, session_.options, session_.connections, added->chunk,
                              file_.codec, added->frameSize, file_.chunkSize);
    if (opened.has_value()) {
      co_return OpenedChunk{kj::mv(*opened), added->zstdLevel, added->frameSize};
    }
    const auto& failure = opened.error();
    if (!failures.empty()) failures += "; ";
    failures += describe(failure.node) + " could not be written to: " + failure.status.message();
    excluded_.push_back(failure.node.node);
    CO_TRY(co_await session_.namenode.abandonChunk(file_.id, added->chunk.at));
    if (tries == PIPELINE_TRIES_MAX) {
      co_return fail(failure.status.code(), "no pipeline could be opened: " + failures);
    }
  }
}

}  // namespace cairn::client
