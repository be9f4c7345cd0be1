// Protects writers whose pipeline breaks, and those that append: what was acknowledged is on every
// node that goes on, what readers may have seen stays, an old writer has no say any more, and
// nothing that a crash may leave has lost a byte.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;
using fakes::TestChunk;

class Resume : public DatanodeTest {
protected:
  // Pushes the packets from this one on.
  void pushFrom(fakes::TestWriter& writer, const TestChunk& chunk, std::size_t first,
                std::size_t end = SIZE_MAX) {
    for (auto i = first; i < std::min(end, chunk.packets.size()); ++i) {
      ASSERT_OK(push(writer, chunk.packets[i]).result) << "packet " << i;
    }
  }
  void reboot(unsigned number) {
    ASSERT_OK(boot(machine(number)));
    waitRegistered(machine(number));
    pass(1);
  }
};

TEST_F(Resume, ThePipelineGoesOnOverTheSurvivors) {
  startNodes(3);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto old, openWriter({1, 2, 3}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 3);
  machine(2).server->dropDead();
  EXPECT_FALSE(push(old, chunk.packets[3]).result.has_value());
  // Nodes 1 and 3 have three packets, perhaps four; the writer knows of two.
  const ResumePoint resume{.generation = 1, .length = chunk.packets[2].offset};
  ASSERT_VALUE(auto writer, openWriter({1, 3}, key(1, 4), chunk, nullptr, resume));
  pushFrom(writer, chunk, 2);
  const auto answer = finish(writer, chunk);
  ASSERT_OK(answer.result);
  EXPECT_EQ(answer.sealed.size(), 2U);
  for (unsigned i : {1U, 3U}) {
    EXPECT_EQ(read(i, key(1, 4)).value(), chunk.plain);
    EXPECT_CODE(Code::STALE, read(i, key(1, 1)));
    EXPECT_TRUE(filesBelow(machine(i), "rbw").empty());
  }
  // The old writer's packets are nobody's.
  EXPECT_FALSE(push(old, chunk.packets[4]).result.has_value());
}

// A chunk of 8 GiB takes far longer to read than a pipeline may take to open: what the node has
// checked when the bytes came in it does not read again.
TEST_F(Resume, NothingIsReadAgainWhileTheNodeRemembers) {
  startNodes(1);
  const auto chunk = makeChunk(10'000);
  {
    ASSERT_VALUE(auto old, openWriter({1}, key(1, 1), chunk));
    pushFrom(old, chunk, 0, 4);
  }
  pass(1);
  const auto reads = [&]() { return machine(1).faulty[0]->count(io::DiskOp::READ); };
  // The writer knows of two packets; then of three, when the next pipeline has failed, too.
  for (std::size_t known : {2U, 3U}) {
    const ResumePoint resume{.generation = 1, .length = chunk.packets[known].offset};
    const auto before = reads();
    ASSERT_VALUE(auto writer, openWriter({1}, key(1, known), chunk, nullptr, resume));
    EXPECT_EQ(reads(), before);
    pushFrom(writer, chunk, known, 4);
    // Each that is sent again is compared.
    EXPECT_EQ(reads(), before + 4 - known);
  }
  const ResumePoint resume{.generation = 1, .length = chunk.packets[3].offset};
  const auto before = reads();
  ASSERT_VALUE(auto writer, openWriter({1}, key(1, 4), chunk, nullptr, resume));
  EXPECT_EQ(reads(), before);
  pushFrom(writer, chunk, 3);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(1, 4)).value(), chunk.plain);
}

// After a restart it has to be read, in pieces, each a job of its own: others are served in
// between, and who comes again joins the reading.
TEST_F(Resume, AReplicaFoundAfterARestartIsReadInPieces) {
  chunkSize = 4 << 20;
  startNodes(1);
  const auto chunk = makeChunk(3 << 20);
  {
    ASSERT_VALUE(auto old, openWriter({1}, key(1, 1), chunk));
    pushFrom(old, chunk, 0);
    ASSERT_OK(sync(old).result);
  }
  pass(1);
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  const auto before = machine(1).pool.jobs();
  reboot(1);
  const ResumePoint resume{.generation = 1, .length = chunk.plain.size()};
  ASSERT_VALUE(auto writer, openWriter({1}, key(1, 2), chunk, nullptr, resume));
  EXPECT_GT(machine(1).pool.jobs() - before, 6U);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain);
}

// An append: the nodes have not seen the sums of what was there before, and count them. The file's
// checksum is that of a file written in one go, whether the length before is a multiple of 512 or
// not, and whether frames were cut.
TEST_F(Resume, AFinalReplicaIsAppendedTo) {
  startNodes(2);
  for (const std::size_t before : {1UL, 511UL, 512UL, 2047UL, 2048UL, 3000UL}) {
    const std::uint64_t number = before + 1;
    const auto whole = makeChunk(before + 5000, number);
    auto first = whole;
    // The same bytes in other frames: the last one short, as a close leaves it.
    first = makeChunk(before, number);
    ASSERT_EQ(first.plain, whole.plain.substr(0, before));
    ASSERT_OK(write({1, 2}, key(number, 1), first).result);
    std::vector<fakes::TestPacket> more;
    std::uint32_t sequence = static_cast<std::uint32_t>((before + 511) / 512);
    for (std::uint64_t at = before; at < whole.plain.size(); at += 300) {
      const auto plain =
          asBytes(whole.plain).subspan(at, std::min<std::size_t>(300, whole.plain.size() - at));
      format::PieceDigest digest(at);
      fakes::TestPacket packet{.chunk = {},
                               .offset = at,
                               .plainLength = static_cast<std::uint32_t>(plain.size()),
                               .frames = ByteVector(format::encodedFrameMax(plain.size()))};
      packet.frames.resize(
          format::encodeFrame({}, packet.chunk, sequence++, plain, packet.frames, digest));
      more.push_back(std::move(packet));
    }
    ASSERT_VALUE(auto writer, openWriter({1, 2}, key(number, 2), whole, nullptr,
                                         ResumePoint{.generation = 1, .length = before}));
    EXPECT_EQ(read(1, key(number, 2)).value(), first.plain);
    for (const auto& packet : more) ASSERT_OK(push(writer, packet).result);
    ASSERT_OK(finishUncounted(writer, whole.plain.size()).result);
    for (unsigned i : {1U, 2U}) {
      EXPECT_EQ(read(i, key(number, 2)).value(), whole.plain);
      EXPECT_EQ(checksum(i, key(number, 2), UINT64_MAX).value().first,
                whole.digest.md5().toString());
    }
  }
  pass(master.heartbeatMs + 1);
  EXPECT_FALSE(known(1).replicas.contains(key(2, 1)));
  EXPECT_EQ(known(1).replicas.at(key(2, 2)).state, wire::ReplicaState::FINAL);
}

// A close that one node had done when another failed: the finished one is taken back.
TEST_F(Resume, AReplicaSealedByABrokenCloseIsWrittenOn) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto old, openWriter({1, 2}, key(1, 1), chunk));
  pushFrom(old, chunk, 0);
  machine(1).faulty[0]->inject({.op = io::DiskOp::RENAME, .errnum = EIO});
  EXPECT_FALSE(finish(old, chunk).result.has_value());
  loop.settle();
  EXPECT_EQ(stat(2, key(1, 1)).value(), std::pair(chunk.plain.size(), true));
  EXPECT_EQ(stat(1, key(1, 1)).value(), std::pair(chunk.plain.size(), false));
  for (const std::uint64_t kept : {chunk.plain.size(), chunk.packets[1].offset}) {
    const std::uint64_t generation = kept == chunk.plain.size() ? 2 : 3;
    ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1, generation), chunk, nullptr,
                                         ResumePoint{.generation = 1, .length = kept}));
    if (kept < chunk.plain.size()) pushFrom(writer, chunk, 1);
    ASSERT_OK(finish(writer, chunk).result);
    for (unsigned i : {1U, 2U}) EXPECT_EQ(read(i, key(1, generation)).value(), chunk.plain);
  }
}

TEST_F(Resume, WhatCannotBeResumedSaysWhyAndStaysAsItIs) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  ASSERT_VALUE(auto old, openWriter({1}, key(1, 3), chunk));
  pushFrom(old, chunk, 0, 2);
  const auto resume = [&](std::uint64_t generation, ResumePoint from) {
    std::uint32_t failed = 0;
    auto writer = openWriter({1}, key(1, generation), chunk, &failed, from);
    if (!writer.has_value()) EXPECT_EQ(failed, 1U);
    return writer;
  };
  const auto length = chunk.packets[2].offset;
  EXPECT_CODE(Code::STALE, resume(2, {.generation = 1, .length = 0}));
  EXPECT_CODE(Code::NOT_FOUND, resume(5, {.generation = 4, .length = 0}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, resume(4, {.generation = 5, .length = 0}));
  ASSERT_OK(push(old, chunk.packets[2]).result);  // nobody has touched it so far
  EXPECT_CODE(Code::INVALID_ARGUMENT, resume(4, {.generation = 3, .length = 9000}));
  EXPECT_CODE(Code::CANCELLED, push(old, chunk.packets[3]).result);
  for (const auto inside : {1UL, 511UL, length - 1, length + 1}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, resume(4, {.generation = 3, .length = inside}));
    EXPECT_EQ(stat(1, key(1, 3)).value().first, chunk.packets[3].offset);
  }
  ASSERT_VALUE(auto writer, resume(4, {.generation = 3, .length = length}));
  pushFrom(writer, chunk, 2);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(1, 4)).value(), chunk.plain);
  // Finished, it is no writer's any more under this generation.
  EXPECT_CODE(Code::ALREADY_EXISTS, resume(4, {.generation = 3, .length = length}));
}

// The answer was lost: the same call again does the same.
TEST_F(Resume, TheSameGenerationCanBeResumedAgain) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto old, openWriter({1, 2}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 2);
  const ResumePoint from{.generation = 1, .length = chunk.packets[1].offset};
  ASSERT_OK(openWriter({1, 2}, key(1, 2), chunk, nullptr, from));
  // Its handle is gone already; this one lives on.
  ASSERT_VALUE(auto second, openWriter({1, 2}, key(1, 2), chunk, nullptr, from));
  ASSERT_VALUE(auto third, openWriter({1, 2}, key(1, 2), chunk, nullptr, from));
  EXPECT_FALSE(push(second, chunk.packets[1]).result.has_value());
  pushFrom(third, chunk, 1);
  ASSERT_OK(finish(third, chunk).result);
  EXPECT_EQ(read(2, key(1, 2)).value(), chunk.plain);
}

// The old writer's last job is on its way to the disk: it is waited for, and what it writes is not
// mixed with what the new one writes.
TEST_F(Resume, AJobOfTheOldWriterIsWaitedFor) {
  startNodes(1);
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto old, openWriter({1}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 1);
  auto& pool = machine(1).pool;
  pool.hold();
  auto late = send(old, chunk.packets[1]);
  loop.settle();
  auto request = clientOf(1).openWriterRequest();
  request.getChunk().setId(key(1).chunk.value);
  request.getChunk().setGeneration(2);
  request.setCodec(wire::Codec::ZSTD);
  request.setFrameSize(chunk.frameSize);
  request.setChunkSize(chunkSize);
  request.setNode(1);
  request.getResume().setGeneration(1);
  request.getResume().setLength(chunk.packets[1].offset);
  kj::Promise<capnp::Response<wire::Datanode::OpenWriterResults>> opening = request.send();
  loop.settle();
  EXPECT_FALSE(opening.poll(loop.waitScope));
  EXPECT_EQ(filesBelow(machine(1), "rbw").front(), rbwPathOf(key(1, 1)));
  pool.release();
  auto opened = wait(kj::mv(opening));
  ASSERT_OK(rpc::fromWire(opened.getFault()));
  fakes::TestWriter writer(opened.getWriter(), key(1).chunk);
  pushFrom(writer, chunk, 1);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain);
}

TEST_F(Resume, AReplicaFoundAfterARestartIsWrittenOn) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto old, openWriter({1, 2}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 2);
  crash(machine(1), io::CrashLoss::NOTHING);
  reboot(1);
  ASSERT_VALUE(auto writer,
               openWriter({1, 2}, key(1, 2), chunk, nullptr,
                          ResumePoint{.generation = 1, .length = chunk.packets[2].offset}));
  pushFrom(writer, chunk, 2);
  ASSERT_OK(finish(writer, chunk).result);
  for (unsigned i : {1U, 2U}) EXPECT_EQ(read(i, key(1, 2)).value(), chunk.plain);
}

// Killed between the rename and the answer: the writer comes back with a newer generation, and
// finds the one that nobody told it of.
TEST_F(Resume, ANodeKilledBeforeItsAnswerIsResumedWithANewerGeneration) {
  startNodes(1);
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto old, openWriter({1}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 2);
  const ResumePoint from{.generation = 1, .length = chunk.packets[1].offset};
  ASSERT_OK(openWriter({1}, key(1, 2), chunk, nullptr, from));
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot(1);
  EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain.substr(0, chunk.packets[2].offset));
  ASSERT_VALUE(auto writer, openWriter({1}, key(1, 3), chunk, nullptr, from));
  pushFrom(writer, chunk, 1);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(1, 3)).value(), chunk.plain);
}

// Each call of the disk that a resumption makes fails in turn, with a power failure right after:
// the old generation or the new one is there, with every byte that readers have seen, and can be
// resumed.
TEST_F(Resume, NoAcknowledgedByteIsLostWhicheverCallFails) {
  const auto chunk = makeChunk(6000);
  const auto known = chunk.packets[1].offset;  // to the writer
  startNodes(1);
  std::uint64_t number = 0;
  unsigned failures = 0;
  for (const bool sealed : {false, true}) {
    for (auto op : {io::DiskOp::READ, io::DiskOp::TRUNCATE, io::DiskOp::SYNC, io::DiskOp::RENAME,
                    io::DiskOp::SYNC_DIR}) {
      for (const auto loss : {io::CrashLoss::ALL_UNSYNCED, io::CrashLoss::RANDOM_SUFFIX}) {
        for (std::uint64_t nth = 1;; ++nth) {
          ++number;
          ASSERT_LT(nth, 20U);
          {
            ASSERT_VALUE(auto writer, openWriter({1}, key(number, 1), chunk));
            pushFrom(writer, chunk, 0, sealed ? SIZE_MAX : 2);
            if (sealed) {
              ASSERT_OK(finish(writer, chunk).result);
            } else {
              ASSERT_OK(sync(writer).result);
            }
          }
          loop.settle();
          machine(1).faulty[0]->inject({.op = op, .nth = nth, .errnum = EIO});
          const auto resumed = openWriter({1}, key(number, 2), chunk, nullptr,
                                          ResumePoint{.generation = 1, .length = known});
          machine(1).faulty[0]->heal();
          crash(machine(1), loss);
          reboot(1);
          auto plain = read(1, key(number, 2));
          const auto seen = sealed ? chunk.plain.size() : chunk.packets[2].offset;
          if (resumed.has_value()) ASSERT_OK(plain);
          if (!plain.has_value()) plain = read(1, key(number, 1));
          ASSERT_OK(plain);
          EXPECT_EQ(*plain, chunk.plain.substr(0, seen));
          ASSERT_VALUE(auto writer, openWriter({1}, key(number, 3), chunk, nullptr,
                                               ResumePoint{.generation = 1, .length = known}));
          pushFrom(writer, chunk, 1);
          ASSERT_OK(finish(writer, chunk).result);
          EXPECT_EQ(read(1, key(number, 3)).value(), chunk.plain);
          if (resumed.has_value()) break;
          ++failures;
        }
      }
    }
  }
  EXPECT_GE(failures, 20U);
}

// A flush ends a frame at any byte; a writer may go on at each of them, and what readers have seen
// behind it stays.
TEST_F(Resume, EveryBorderThatAFlushLeavesCanBeResumedAt) {
  startNodes(1);
  const auto text = fakes::testText(1100, 7);
  std::uint64_t number = 0;
  for (std::size_t cut = 510; cut <= 514; ++cut) {
    // One packet a frame: [0, cut), then every byte a frame of its own up to 10 further on.
    TestChunk chunk{
        .plain = text.substr(0, cut + 10), .frameSize = 1024, .packets = {}, .digest = {}};
    std::uint32_t sequence = 0;
    for (std::size_t at = 0; at < chunk.plain.size();) {
      const auto plain = asBytes(chunk.plain).subspan(at, at == 0 ? cut : 1);
      format::PieceDigest digest(at);
      fakes::TestPacket packet{.chunk = {},
                               .offset = at,
                               .plainLength = static_cast<std::uint32_t>(plain.size()),
                               .frames = ByteVector(format::encodedFrameMax(plain.size()))};
      packet.frames.resize(
          format::encodeFrame({}, packet.chunk, sequence++, plain, packet.frames, digest));
      chunk.digest.add(digest);
      at += plain.size();
      chunk.packets.push_back(std::move(packet));
    }
    for (std::size_t kept = 0; kept < chunk.packets.size(); ++kept) {
      ++number;
      ASSERT_VALUE(auto old, openWriter({1}, key(number, 1), chunk));
      pushFrom(old, chunk, 0);
      ASSERT_OK(sync(old).result);
      const auto length = chunk.packets[kept].offset;
      ASSERT_VALUE(auto writer, openWriter({1}, key(number, 2), chunk, nullptr,
                                           ResumePoint{.generation = 1, .length = length}));
      EXPECT_EQ(read(1, key(number, 2)).value(), chunk.plain);
      pushFrom(writer, chunk, kept);
      ASSERT_OK(finish(writer, chunk).result);
      EXPECT_EQ(read(1, key(number, 2)).value(), chunk.plain);
    }
  }
}

// The answers to what was written last never reached the writer: what each node has shown until
// then it goes on to show, and what the nodes behind it may not have it shows no sooner than
// before.
TEST_F(Resume, WhatReadersHaveSeenStaysVisible) {
  startNodes(3);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto old, openWriter({1, 2, 3}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 3);
  machine(3).server->dropDead();
  // Nodes 1 and 2 have it; neither knows whether node 3 does.
  EXPECT_FALSE(push(old, chunk.packets[3]).result.has_value());
  const auto seen = chunk.packets[3].offset;
  const ResumePoint resume{.generation = 1, .length = chunk.packets[1].offset};
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1, 2), chunk, nullptr, resume));
  // The rest is gone, for the nodes may differ in it.
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot(1);
  for (unsigned i : {1U, 2U}) EXPECT_EQ(read(i, key(1, 2)).value(), chunk.plain.substr(0, seen));
  ASSERT_VALUE(writer, openWriter({1, 2}, key(1, 3), chunk, nullptr,
                                  ResumePoint{.generation = 2, .length = resume.length}));
  pushFrom(writer, chunk, 1, 2);
  for (unsigned i : {1U, 2U}) EXPECT_EQ(read(i, key(1, 3)).value(), chunk.plain.substr(0, seen));
  pushFrom(writer, chunk, 2);
  ASSERT_OK(finish(writer, chunk).result);
  for (unsigned i : {1U, 2U}) EXPECT_EQ(read(i, key(1, 3)).value(), chunk.plain);
}

// A writer that sends something else than before is refused, wherever the difference lies; what is
// there stays.
TEST_F(Resume, WhatIsSentAgainMustBeTheSame) {
  startNodes(1);
  const auto chunk = makeChunk(6000);
  const auto others = makeChunk(6000, 2);
  const auto begin = [&](std::uint64_t number) {
    ASSERT_VALUE(auto old, openWriter({1}, key(number, 1), chunk));
    pushFrom(old, chunk, 0, 2);
  };
  begin(1);
  const ResumePoint resume{.generation = 1, .length = 0};
  ASSERT_VALUE(auto liar, openWriter({1}, key(1, 2), chunk, nullptr, resume));
  EXPECT_CODE(Code::CORRUPT, push(liar, others.packets[0]).result);
  EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain.substr(0, chunk.packets[2].offset));

  // A packet that was cut in two, and one that reaches behind what is there.
  begin(2);
  ASSERT_VALUE(auto writer, openWriter({1}, key(2, 2), chunk, nullptr, resume));
  auto joined = chunk.packets[0];
  for (std::size_t i = 1; i < chunk.packets.size(); ++i) {
    const auto& packet = chunk.packets[i];
    joined.plainLength += packet.plainLength;
    joined.frames.insert(joined.frames.end(), packet.frames.begin(), packet.frames.end());
  }
  ASSERT_OK(push(writer, joined).result);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(2, 2)).value(), chunk.plain);
}

// A writer that is opened and dropped while its file is being made leaves nothing behind that keeps
// the next one out.
TEST_F(Resume, AWriterDroppedWhileItIsOpenedCanBeResumed) {
  startNodes(1);
  const auto chunk = makeChunk(6000);
  auto& pool = machine(1).pool;
  pool.hold();
  {
    auto request = clientOf(1).openWriterRequest();
    request.getChunk().setId(key(1).chunk.value);
    request.getChunk().setGeneration(1);
    request.setCodec(wire::Codec::ZSTD);
    request.setFrameSize(chunk.frameSize);
    request.setChunkSize(chunkSize);
    request.setNode(1);
    auto dropped = request.send();
    loop.settle();
  }
  connections = std::make_unique<rpc::ClientPool>(loop.host, rpc::ClientHello{});
  loop.settle();
  pool.release();
  pass(1);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1, 2), chunk, nullptr,
                                       ResumePoint{.generation = 1, .length = 0}));
  pushFrom(writer, chunk, 0);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain);
}

}  // namespace
}  // namespace cairn::dn
