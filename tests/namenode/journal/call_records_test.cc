// Recorded answers: found by their call, dropped when nobody can ask for them.
#include "namenode/journal/call_records.h"

#include <gtest/gtest.h>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "tests/namenode/map_view.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

class CallRecordsTest : public ::testing::Test {
protected:
  static CallKey call(std::uint64_t id, std::uint64_t mark = 1, std::string_view user = "ann") {
    return {
        .principal = user, .client = Uuid::fromHighLow(3, 4), .callId = id, .lowestOpenCall = mark};
  }
  // A call as the namenode treats it: the answer on record, or a new one. Its flag tells them
  // apart.
  bool wasKnown(CallRecords& records, const CallKey& key) {
    Draft draft({nullptr, nullptr, &view}, TxId(++txid));
    const auto known = records.find(draft, key, "mkdirs");
    EXPECT_OK(known);
    if (known->has_value()) return true;
    record::Answer answer;
    records.record(draft, key, "mkdirs", answer, wallMs, nowMs);
    accept(draft);
    return false;
  }
  void accept(Draft& draft) {
    Overlay changes = draft.takeChanges();
    changes.sealCalls(draft.txid());
    view.apply(changes);
  }
  std::size_t rows() const { return view.rows(Table::RETRY).size(); }

  MapView view;
  CallRecords records;
  std::uint64_t txid = 1;
  UnixMillis wallMs = 1'767'225'600'000;
  std::int64_t nowMs = 1'000'000;
};

// Protects exactly-once over a restart: a new CallRecords knows the rows that are there.
TEST_F(CallRecordsTest, ARestartKnowsTheRecords) {
  EXPECT_FALSE(wasKnown(records, call(1)));
  EXPECT_TRUE(wasKnown(records, call(1)));
  EXPECT_FALSE(wasKnown(records, call(1, 1, "ben")));
  CallRecords afterRestart;
  ASSERT_OK(afterRestart.load(view, nowMs));
  EXPECT_TRUE(wasKnown(afterRestart, call(1)));
  EXPECT_TRUE(wasKnown(afterRestart, call(1, 1, "ben")));
  EXPECT_FALSE(wasKnown(afterRestart, call(2)));
}

// Protects the table's size: the client's mark clears what lies below it.
TEST_F(CallRecordsTest, TheMarkDropsRecords) {
  for (std::uint64_t id = 1; id <= 10; ++id) EXPECT_FALSE(wasKnown(records, call(id)));
  EXPECT_EQ(rows(), 10U);
  EXPECT_FALSE(wasKnown(records, call(11, 9)));
  EXPECT_EQ(rows(), 3U);
  EXPECT_TRUE(wasKnown(records, call(9, 9)));
  Draft draft({nullptr, nullptr, &view}, TxId(99));
  EXPECT_CODE(Code::CALL_EXPIRED, records.find(draft, call(8, 9), "mkdirs"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, records.find(draft, call(9, 9), "remove"));
}

// Protects what is on record: a row that Protobuf reads, with all of the call in it, and an answer
// as it was given.
TEST_F(CallRecordsTest, TheRowSaysWhatWasAnswered) {
  const std::string longName(300, 'u');
  Draft draft({nullptr, nullptr, &view}, TxId(7));
  record::Answer answer;
  answer.set_txid(7);
  answer.mutable_entry()->set_owner(longName);
  answer.mutable_allocation()->add_pipeline(5);
  const CallKey key = call(UINT64_MAX, 1, longName);
  ASSERT_OK(records.find(draft, key, "addChunk"));
  records.record(draft, key, "addChunk", answer, wallMs, nowMs);
  accept(draft);

  record::RecordedCalls row;
  ASSERT_TRUE(row.ParseFromString(view.rows(Table::RETRY).begin()->second));
  EXPECT_EQ(row.time_ms(), wallMs);
  ASSERT_EQ(row.calls_size(), 1);
  EXPECT_EQ(uuidFromBytes(row.calls(0).client()), key.client);
  EXPECT_EQ(row.calls(0).principal(), longName);
  EXPECT_EQ(row.calls(0).call_id(), UINT64_MAX);
  EXPECT_EQ(row.calls(0).method(), "addChunk");
  EXPECT_EQ(row.calls(0).answer(), answer.SerializeAsString());
  // Byte for byte as Protobuf itself writes it.
  EXPECT_EQ(view.rows(Table::RETRY).begin()->second, row.SerializeAsString());

  Draft later({nullptr, nullptr, &view}, TxId(8));
  ASSERT_VALUE(const auto known, records.find(later, key, "addChunk"));
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->SerializeAsString(), answer.SerializeAsString());
}

// Protects calls of one group, which share a row: each is found while the group is being filled,
// and the row stays as long as one of them is wanted.
TEST_F(CallRecordsTest, AGroupsCallsShareARow) {
  const TxId group(++txid);
  Overlay pending;
  for (std::uint64_t id = 1; id <= 3; ++id) {
    Draft draft({&pending, nullptr, &view}, group);
    record::Answer answer;
    answer.set_txid(100 + id);
    ASSERT_VALUE(const auto known, records.find(draft, call(id), "mkdirs"));
    EXPECT_FALSE(known.has_value());
    records.record(draft, call(id), "mkdirs", answer, wallMs, nowMs);
    pending.absorb(draft.takeChanges());
  }
  {
    const Draft draft({&pending, nullptr, &view}, group);
    ASSERT_VALUE(const auto known, records.find(draft, call(2), "mkdirs"));
    ASSERT_TRUE(known.has_value());
    EXPECT_EQ(known->txid(), 102U);
    EXPECT_EQ(draft.restsOn(), RestsOn::PENDING);
  }
  pending.sealCalls(group);
  {
    const Draft draft({nullptr, &pending, &view}, TxId(group.value + 1));
    ASSERT_VALUE(const auto known, records.find(draft, call(3), "mkdirs"));
    EXPECT_EQ(known->txid(), 103U);
    EXPECT_EQ(draft.restsOn(), RestsOn::IN_FLIGHT);
  }
  view.apply(pending);
  ++txid;
  EXPECT_FALSE(wasKnown(records, call(4, 3)));
  EXPECT_EQ(rows(), 2U);
  EXPECT_TRUE(wasKnown(records, call(3, 3)));
  EXPECT_FALSE(wasKnown(records, call(5, 5)));
  EXPECT_EQ(rows(), 1U);
}

// Protects the table from clients that never come back.
TEST_F(CallRecordsTest, OldRecordsAreSwept) {
  for (std::uint64_t id = 1; id <= 5; ++id) wasKnown(records, call(id));
  nowMs += limits::RETRY_RECORD_MS / 2;
  for (std::uint64_t id = 6; id <= 7; ++id) wasKnown(records, call(id));
  nowMs += limits::RETRY_RECORD_MS / 2 + 1;
  bool more = true;
  int slices = 0;
  for (; more; ++slices) {
    Draft draft({nullptr, nullptr, &view}, TxId(++txid));
    ASSERT_VALUE(more, records.sweep(draft, nowMs, 2));
    accept(draft);
  }
  EXPECT_GT(slices, 2);
  EXPECT_EQ(rows(), 2U);
  EXPECT_TRUE(wasKnown(records, call(6)));
}

// Protects exactly-once from a restart of the machine, whose own time begins anew: a record of an
// earlier life is kept as long as if it had been made at the start.
TEST_F(CallRecordsTest, ARecordOfAnEarlierLifeAgesFromTheStart) {
  EXPECT_FALSE(wasKnown(records, call(1)));
  CallRecords afterRestart;
  nowMs = 50;
  ASSERT_OK(afterRestart.load(view, nowMs));
  const auto sweep = [&]() {
    Draft draft({nullptr, nullptr, &view}, TxId(++txid));
    EXPECT_OK(afterRestart.sweep(draft, nowMs, 10));
    accept(draft);
  };
  nowMs += limits::RETRY_RECORD_MS;
  sweep();
  EXPECT_TRUE(wasKnown(afterRestart, call(1)));
  nowMs += 1;
  sweep();
  EXPECT_EQ(rows(), 0U);
}

// Protects memory from clients whose calls all fail: only what is on record is remembered.
TEST_F(CallRecordsTest, AFailedCallLeavesNothing) {
  Draft draft({nullptr, nullptr, &view}, TxId(++txid));
  ASSERT_VALUE(const auto known, records.find(draft, call(1), "mkdirs"));
  EXPECT_FALSE(known.has_value());
  EXPECT_EQ(records.clients(), 0U);
  EXPECT_FALSE(wasKnown(records, call(2)));
  EXPECT_TRUE(wasKnown(records, call(2)));
  EXPECT_EQ(records.clients(), 1U);
}

// Protects calls that are not to be recorded.
TEST_F(CallRecordsTest, NumberZeroIsNeverRecorded) {
  EXPECT_FALSE(wasKnown(records, call(0)));
  EXPECT_FALSE(wasKnown(records, call(0)));
  EXPECT_EQ(rows(), 0U);
}

}  // namespace
}  // namespace cairn::nn
