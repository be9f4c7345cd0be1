// Protects the job tracker's rules: who wins a task, what is done again after a loss, when a job
// ends and what may be told when.
#include <capnp/message.h>

#include <algorithm>

#include "common/base/fault.h"
#include "common/rpc/convert.h"
#include "mapreduce/api/engine_conf.h"
#include "tests/mapreduce/jobtracker/fixture.h"
#include "tests/testkit/results.h"

namespace cairn::mr::fakes {
namespace {

AttemptId attempt(JobId job, TaskKind kind, std::uint32_t index, std::uint32_t number = 0) {
  return {{job, kind, index}, number};
}
constexpr auto MAP = TaskKind::MAP;
constexpr auto REDUCE = TaskKind::REDUCE;

// The plain way: maps beside their input, reduces, one output with _SUCCESS, trackers told to
// forget.
TEST_F(CoreTest, AJobRunsToItsEnd) {
  start();
  addInput("/in", 2);
  registerTracker(1);
  registerTracker(2);
  const auto id = submit(spec(1));
  ASSERT_EQ(std::vector{attempt(id, MAP, 0)}, trackers[1].launched);
  ASSERT_EQ(std::vector{attempt(id, MAP, 1)}, trackers[2].launched);
  ASSERT_OK(mapDone(1, attempt(id, MAP, 0)));
  ASSERT_OK(mapDone(2, attempt(id, MAP, 1)));
  const auto reduce = attempt(id, REDUCE, 0);
  const auto tracker = job(id).tasks(REDUCE)[0].attempts.at(0).tracker == trackerId(1) ? 1u : 2u;
  writePart(reduce);
  ASSERT_VALUE(const bool granted, commit(tracker, reduce));
  EXPECT_TRUE(granted);
  EXPECT_FALSE(namenode.directories.contains("/out"));  // not before the task has ended
  ASSERT_OK(committed(tracker, reduce));
  EXPECT_TRUE(ended(id));
  EXPECT_TRUE(namenode.files.contains("/out/part-r-00000"));
  EXPECT_TRUE(namenode.files.contains("/out/_SUCCESS"));
  EXPECT_EQ(1u, files->published);
  EXPECT_TRUE(trackers[1].forgotten.contains(id.toString()));
  EXPECT_TRUE(trackers[2].forgotten.contains(id.toString()));
}

// Nothing is launched before it is durable, and a submission is not answered before it is: a job
// tracker that restarts must know every number it gave away.
TEST_F(CoreTest, NothingIsToldBeforeItIsDurable) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = core->newJob();
  Result<void> answer;
  {
    const ScopedFaults faults("jt.journal.before_write=error");
    answer = wait(core->submit(id, spec(1)));
    settle();
  }
  EXPECT_FALSE(answer.has_value());
  EXPECT_TRUE(trackers[1].launched.empty());
}

// An attempt that was given up with its tracker comes back from the dead and wants to commit: it
// gets no, and the result is the later attempt's.
TEST_F(CoreTest, AGivenUpAttemptCannotCommit) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(1));
  ASSERT_OK(mapDone(1, attempt(id, MAP, 0)));
  const auto old = attempt(id, REDUCE, 0, 0);
  ASSERT_EQ(old, trackers[1].launched.back());
  shuffled(1, old);
  // A new life of the tracker's process: the attempt died with the old one, says the tracker.
  registerTracker(1, {}, {attempt(id, MAP, 0)});
  const auto fresh = attempt(id, REDUCE, 0, 1);
  ASSERT_EQ(fresh, trackers[1].launched.back());
  writePart(old);
  ASSERT_VALUE(const bool oldGranted, commit(1, old));
  EXPECT_FALSE(oldGranted);
  writePart(fresh);
  ASSERT_VALUE(const bool freshGranted, commit(1, fresh));
  EXPECT_TRUE(freshGranted);
  ASSERT_VALUE(const bool again, commit(1, fresh));  // the answer was lost: the same answer
  EXPECT_TRUE(again);
  ASSERT_OK(committed(1, fresh));
  EXPECT_TRUE(ended(id));
  EXPECT_EQ(1u, files->promoted.size());
  EXPECT_EQ(1u, namenode.files.at("/out/part-r-00000").id);  // the number of the fresh attempt
}

// An attempt of another tracker's cannot be committed or finished by this one.
TEST_F(CoreTest, ATrackerSpeaksForItsOwnAttemptsOnly) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(0));
  registerTracker(2);
  writePart(attempt(id, MAP, 0));
  ASSERT_VALUE(const bool granted, commit(2, attempt(id, MAP, 0)));
  EXPECT_FALSE(granted);
  ASSERT_OK(failed(2, attempt(id, MAP, 0), "not mine"));
  EXPECT_EQ(AttemptState::RUNNING, job(id).tasks(MAP)[0].attempts[0].state);
}

// Four failures of one task fail the job; each repetition goes to a tracker where it has not
// failed; the message has Hadoop's words.
TEST_F(CoreTest, FourFailuresFailTheJob) {
  start();
  addInput("/in", 1);
  for (const auto number : {1, 2, 3}) registerTracker(number);
  const auto id = submit(spec(0));
  std::set<Uuid> tried;
  for (std::uint32_t number = 0; number < 4; ++number) {
    const auto& attempts = job(id).tasks(MAP)[0].attempts;
    ASSERT_EQ(number + 1, attempts.size());
    if (number < 3) EXPECT_TRUE(tried.insert(attempts.back().tracker).second);
    ASSERT_OK(failed(attempts.back().tracker.low(), attempt(id, MAP, 0, number), "exited with 1"));
  }
  ASSERT_TRUE(ended(id));
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::JobStatus>();
  core->fillStatus(id, {}, status);
  EXPECT_EQ(wire::JobState::FAILED, status.getState());
  const TaskId task{id, MAP, 0};
  EXPECT_EQ("Task failed " + task.toString() +
                "\nJob failed as tasks failed. failedMaps:1 failedReduces:0 killedMaps:0 "
                "killedReduces: 0",
            rpc::toString(status.getMessage()));
  ASSERT_EQ(4u, status.getFailures().size());
  EXPECT_EQ("last words of " + attempt(id, MAP, 0, 3).toString(),
            rpc::toString(status.getFailures()[3].getStderrTail()));
  EXPECT_FALSE(namenode.directories.contains("/out"));
}

// Attempts that are killed (a lost tracker, a request) do not count against the task.
TEST_F(CoreTest, KilledAttemptsDoNotCount) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(0));
  for (std::uint32_t number = 0; number < 10; ++number) {
    ASSERT_OK(failed(1, attempt(id, MAP, 0, number), "preempted", true));
  }
  EXPECT_EQ(JobPhase::RUNNING, job(id).phase());
  EXPECT_EQ(0u, job(id).tasks(MAP)[0].failures);
}

// A tracker that goes silent is lost after the expiry: what ran there and the map outputs it held
// are made again elsewhere, but not when no reduce needs them any more.
TEST_F(CoreTest, ALostTrackersMapsRunAgainWhileNeeded) {
  options.trackerExpiryMs = 1000;
  start();
  addInput("/in", 2);
  registerTracker(1);
  registerTracker(2);
  const auto id = submit(spec(1));
  ASSERT_OK(mapDone(1, attempt(id, MAP, 0)));
  ASSERT_OK(mapDone(2, attempt(id, MAP, 1)));
  const auto reduce = attempt(id, REDUCE, 0);
  const auto tracker = job(id).tasks(REDUCE)[0].attempts.at(0).tracker.low();
  const auto other = 3 - tracker;
  core->sessionClosed(trackerId(other), other);
  advanceMs(500);
  EXPECT_TRUE(job(id).allDone() || job(id).done(MAP) == 2);  // it may come back
  shuffled(tracker, reduce);
  advanceMs(600);
  // The reduce has all it needs: nothing is repeated.
  EXPECT_EQ(2u, job(id).done(MAP));
  // The reduce fails: the next one needs the lost map.
  ASSERT_OK(failed(tracker, reduce, "exited with 1"));
  EXPECT_EQ(1u, job(id).done(MAP));
  EXPECT_EQ(2u, job(id).tasks(MAP)[other - 1].attempts.size());
}

// A reduce that finds an output damaged gets it from a new attempt of that map, at once; one that
// is merely slow to answer must be reported several times.
TEST_F(CoreTest, LostOutputsAreMadeAgain) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(1));
  ASSERT_OK(mapDone(1, attempt(id, MAP, 0)));
  ASSERT_VALUE(auto page, wait(core->mapOutputs(id, 0)));
  EXPECT_EQ(std::vector<std::uint32_t>{0}, page.maps);
  auto news = core->mapOutputs(id, page.version);
  EXPECT_FALSE(news.poll(loop.waitScope));

  const Status slow(Code::TIMED_OUT, "no answer");
  for (std::uint32_t i = 1; i < limits::FETCH_REPORTS_MAX; ++i) {
    ASSERT_OK(wait(core->mapOutputLost(attempt(id, MAP, 0), "reduce", slow)));
    EXPECT_EQ(1u, job(id).done(MAP));
  }
  ASSERT_OK(wait(core->mapOutputLost(attempt(id, MAP, 0), "reduce", slow)));
  settle();
  EXPECT_EQ(0u, job(id).done(MAP));
  EXPECT_EQ(attempt(id, MAP, 0, 1), trackers[1].launched.back());
  ASSERT_TRUE(news.poll(loop.waitScope));  // the reduce is told to wait
  ASSERT_OK(mapDone(1, attempt(id, MAP, 0, 1)));
  ASSERT_OK(wait(
      core->mapOutputLost(attempt(id, MAP, 0, 1), "reduce", Status(Code::CORRUPT, "checksum"))));
  settle();
  EXPECT_EQ(attempt(id, MAP, 0, 2), trackers[1].launched.back());
  // A report about an attempt that is history changes nothing.
  ASSERT_OK(
      wait(core->mapOutputLost(attempt(id, MAP, 0, 1), "late", Status(Code::CORRUPT, "checksum"))));
  settle();
  EXPECT_EQ(3u, job(id).tasks(MAP)[0].attempts.size());
}

// A reduce finds an output damaged while its tracker is away: the map runs again, although the
// tracker comes back and says that it holds the output; the reduce would wait for ever.
TEST_F(CoreTest, ADamagedOutputOfAnAbsentTrackerIsMadeAgain) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  registerTracker(2);
  const auto id = submit(spec(1));
  const auto first = attempt(id, MAP, 0);
  ASSERT_OK(mapDone(1, first));
  const auto reduceOn = job(id).tasks(REDUCE)[0].attempts.at(0).tracker.low();
  crash();
  start();
  // The reduce's tracker is back first when it is not the map's; the report comes either way.
  registerTracker(2,
                  reduceOn == 2 ? std::vector{attempt(id, REDUCE, 0)} : std::vector<AttemptId>());
  ASSERT_OK(wait(core->mapOutputLost(first, "reduce", Status(Code::CORRUPT, "checksum"))));
  settle();
  EXPECT_EQ(0u, job(id).done(MAP));
  EXPECT_EQ(attempt(id, MAP, 0, 1), trackers[2].launched.back());
  registerTracker(1, reduceOn == 1 ? std::vector{attempt(id, REDUCE, 0)} : std::vector<AttemptId>(),
                  {first});
  EXPECT_EQ(0u, job(id).done(MAP));
}

// A map whose output is damaged each time it is made fails the job in the end; it does not run for
// ever, nor again and again on the node that damages it.
TEST_F(CoreTest, AnOutputThatIsAlwaysDamagedFailsTheJob) {
  start();
  addInput("/in", 1);
  for (const auto number : {1, 2, 3, 4}) registerTracker(number);
  const auto id = submit(spec(1));
  std::set<Uuid> tried;
  for (std::uint32_t number = 0; number < options.attemptsMax; ++number) {
    ASSERT_FALSE(ended(id));
    const auto made = attempt(id, MAP, 0, number);
    const auto tracker = job(id).tasks(MAP)[0].attempts.at(number).tracker;
    EXPECT_TRUE(tried.insert(tracker).second) << "again on the same node";
    ASSERT_OK(mapDone(tracker.low(), made));
    ASSERT_OK(wait(core->mapOutputLost(made, "reduce", Status(Code::CORRUPT, "checksum"))));
    settle();
  }
  ASSERT_TRUE(ended(id));
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::JobStatus>();
  core->fillStatus(id, {}, status);
  EXPECT_EQ(wire::JobState::FAILED, status.getState());
}

// A late report about an output that no reduce needs any more changes nothing: the job ends.
TEST_F(CoreTest, AReportThatComesTooLateChangesNothing) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(1));
  ASSERT_OK(mapDone(1, attempt(id, MAP, 0)));
  const auto reduce = attempt(id, REDUCE, 0);
  shuffled(1, reduce);
  ASSERT_OK(
      wait(core->mapOutputLost(attempt(id, MAP, 0), "zombie", Status(Code::CORRUPT, "checksum"))));
  EXPECT_EQ(1u, job(id).done(MAP));
  writePart(reduce);
  ASSERT_VALUE(const bool granted, commit(1, reduce));
  EXPECT_TRUE(granted);
  ASSERT_OK(committed(1, reduce));
  EXPECT_TRUE(ended(id));
}

// What a task prints, throws and counts may be any bytes. The job tracker that wrote them down
// can read them again.
TEST_F(CoreTest, AnyBytesOfATaskSurviveARestart) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  auto odd = spec(0);
  odd.set_name("caf\xe9");
  auto* property = odd.add_conf();
  property->set_key("separator");
  property->set_value("\xff");
  const auto id = submit(odd);
  ASSERT_OK(failed(1, attempt(id, MAP, 0), "cannot parse \xc3"));
  const auto before = job(id).fingerprint();
  crash();
  start();
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(before, job(id).fingerprint());
  EXPECT_EQ("cannot parse \xc3", job(id).failures().at(0).message);
}

// A tracker that was away when a job ended is told to forget it when it comes back, also when all
// that it has of it is the program.
TEST_F(CoreTest, AJobThatEndedMeanwhileIsForgotten) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  registerTracker(2);
  const auto id = submit(spec(0));
  core->sessionClosed(trackerId(2), 2);
  ASSERT_OK(wait(core->kill(id, "somebody")));
  settle();
  auto other = spec(0);
  other.set_output("/other");
  const auto running = submit(other);
  registerTracker(2, {}, {}, {id, running});
  EXPECT_EQ(std::set{id.toString()}, trackers[2].forgotten);
}

// Submitting twice (the answer was lost) is one job, over a restart too; an id nobody gave is
// refused, so that no two jobs ever share one.
TEST_F(CoreTest, SubmissionTakesEffectOnce) {
  start();
  addInput("/in", 1);
  const auto id = submit(spec(0));
  EXPECT_OK(wait(core->submit(id, spec(0))));
  EXPECT_EQ(1u, core->list(true).size());
  crash();
  start();
  EXPECT_OK(wait(core->submit(id, spec(0))));
  const JobId future{id.trackerStartMs + 1'000'000, 1};
  EXPECT_CODE(Code::STALE, wait(core->submit(future, spec(0))));
  auto next = core->newJob();
  ++next.sequence;
  EXPECT_CODE(Code::STALE, wait(core->submit(next, spec(0))));
  // Given before the crash and never submitted: the submitter does not notice.
  auto other = spec(0);
  other.set_output("/other");
  const JobId before{id.trackerStartMs, id.sequence + 1};
  EXPECT_OK(wait(core->submit(before, other)));
  EXPECT_NE(id.trackerStartMs, core->newJob().trackerStartMs);
}

// What a job must say, and may not.
TEST_F(CoreTest, NonsenseIsRefusedAtSubmit) {
  start();
  addInput("/in", 1);
  const auto refused = [&](auto change) {
    auto bad = spec(1);
    change(bad);
    return wait(core->submit(core->newJob(), bad));
  };
  EXPECT_CODE(Code::NOT_FOUND, refused([](auto& s) { s.set_inputs(0, "/missing"); }));
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused([](auto& s) { s.set_inputs(0, "relative"); }));
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused([](auto& s) { s.clear_inputs(); }));
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused([](auto& s) { s.set_output("/out/"); }));
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused([](auto& s) { s.set_user("../root"); }));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, refused([](auto& s) { s.set_reduces(REDUCES_MAX + 1); }));
  EXPECT_CODE(Code::LIMIT_EXCEEDED,
              refused([](auto& s) { s.set_name(std::string(limits::NAME_BYTES_MAX + 1, 'n')); }));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, refused([](auto& s) {
                s.mutable_program()->add_args(std::string(limits::CONF_BYTES_MAX + 1, 'a'));
              }));
  namenode.directories.insert("/out");
  EXPECT_CODE(Code::ALREADY_EXISTS, refused([](auto&) {}));
  EXPECT_TRUE(core->list(true).empty());
  for (const auto& path : namenode.directories) {
    EXPECT_EQ(std::string::npos, path.find("_temporary")) << path;
  }
}

// Killing: attempts are forgotten, the end is durable before it is told, a second kill is fine.
TEST_F(CoreTest, AKilledJobIsOver) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(1));
  ASSERT_OK(wait(core->kill(id, "somebody")));
  settle();
  EXPECT_TRUE(ended(id));
  EXPECT_TRUE(trackers[1].forgotten.contains(id.toString()));
  EXPECT_OK(wait(core->kill(id, "somebody")));
  EXPECT_CODE(Code::NOT_FOUND, wait(core->kill(JobId{1, 1}, "somebody")));
  EXPECT_EQ((sched::Slots{}), core->scheduler().runningOn(trackerId(1)));
  // Its attempt is still reported by a tracker that was away: it is told to forget.
  ASSERT_OK(failed(1, attempt(id, MAP, 0), "killed", true));
}

// A client that waits for news hears of the end at once, also when mere progress was about to be
// told a moment later: nobody would be left to tell it then.
TEST_F(CoreTest, WaitingClientsHearOfTheEnd) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(0));
  const AttemptId first{{id, MAP, 0}, 0};
  capnp::MallocMessageBuilder message;
  std::uint64_t version = 0;
  const auto seen = [&]() {
    auto status = message.initRoot<wire::JobStatus>();
    core->fillStatus(id, {}, status);
    version = status.getVersion();
    return status.getState();
  };
  EXPECT_EQ(wire::JobState::RUNNING, seen());
  shuffled(1, first);  // progress, told at once
  shuffled(1, first);  // progress, told later
  seen();
  auto news = core->newer(id, version);
  EXPECT_FALSE(news.poll(loop.waitScope));
  ASSERT_OK(wait(core->kill(id, "somebody")));
  ASSERT_TRUE(news.poll(loop.waitScope));
  settle();
  auto end = core->newer(id, version);
  ASSERT_TRUE(end.poll(loop.waitScope));
  EXPECT_EQ(wire::JobState::KILLED, seen());
}

// A namenode that is away at the end of a job costs time, not the work: promotion, publication and
// clean-up are tried until they are answered.
TEST_F(CoreTest, AnAbsentNamenodeDecidesNothing) {
  options.trackerExpiryMs = 3'600'000;
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(0));
  const AttemptId first{{id, MAP, 0}, 0};
  writePart(first);
  files->unavailable = 20;
  ASSERT_VALUE(const bool granted, commit(1, first));
  EXPECT_TRUE(granted);
  EXPECT_EQ(0u, files->unavailable);
  files->unavailable = 3;  // seal
  ASSERT_OK(committed(1, first));
  advanceMs(2000);
  EXPECT_TRUE(namenode.files.contains("/out/_SUCCESS"));
  EXPECT_TRUE(ended(id));
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::JobStatus>();
  core->fillStatus(id, {}, status);
  EXPECT_EQ(wire::JobState::SUCCEEDED, status.getState());
  EXPECT_EQ(0u, status.getFailures().size());
}

// A status carries a page of failures; asking on gives the rest, each once.
TEST_F(CoreTest, FailuresArePaged) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(0));
  constexpr std::uint32_t FAILURES = limits::FAILURES_PAGE + 7;
  for (std::uint32_t number = 0; number < FAILURES; ++number) {
    const AttemptId attemptId{{id, MAP, 0}, number};
    ASSERT_OK(failed(1, attemptId, "killed", true));
  }
  std::set<std::string> seen;
  while (seen.size() < FAILURES) {
    capnp::MallocMessageBuilder message;
    auto status = message.initRoot<wire::JobStatus>();
    core->fillStatus(id, {.failuresFrom = static_cast<std::uint32_t>(seen.size())}, status);
    EXPECT_EQ(FAILURES, status.getFailuresTotal());
    ASSERT_GT(status.getFailures().size(), 0u);
    ASSERT_LE(status.getFailures().size(), limits::FAILURES_PAGE);
    for (auto failure : status.getFailures()) {
      EXPECT_TRUE(seen.insert(rpc::toString(failure.getAttempt())).second);
    }
  }
}

// However many counters the attempts of a job make up together, the job's stay within their bound:
// a status with more would not fit a message. The attempt that brings too many fails and says why.
TEST_F(CoreTest, CountersOfAJobAreBounded) {
  options.attemptsMax = 1;
  start();
  addInput("/in", 2);
  registerTracker(1);
  const auto id = submit(spec(1));
  const auto end = [&](AttemptId attempt, std::size_t counters, std::size_t nameBytes) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<wire::AttemptResult>();
    result.setAttempt(attempt.toString());
    auto list = result.initCounters(static_cast<unsigned>(counters));
    for (unsigned i = 0; i < counters; ++i) {
      auto name = attempt.toString() + std::to_string(i);
      name.resize(std::max(name.size(), nameBytes), 'x');
      list[i].setGroup("test");
      list[i].setName(name);
      list[i].setValue(1);
    }
    result.initMapOutput(1);
    ASSERT_OK(wait(core->finished(trackerId(1), result.asReader())));
    settle();
  };
  end(attempt(id, MAP, 0), COUNTERS_MAX - 20, 0);
  ASSERT_FALSE(ended(id));
  EXPECT_EQ(1u, job(id).done(MAP));
  end(attempt(id, MAP, 1), 100, 0);
  ASSERT_TRUE(ended(id));
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::JobStatus>();
  core->fillStatus(id, {.withCounters = true}, status);
  EXPECT_LE(status.getCounters().size(), COUNTERS_MAX + 20);  // and the job's own
  ASSERT_EQ(1u, status.getFailures().size());
  EXPECT_NE(std::string::npos,
            rpc::toString(status.getFailures()[0].getMessage()).find("counters"));

  auto other = spec(1);
  other.set_output("/other");
  const auto second = submit(other);
  end(attempt(second, MAP, 0), 1, limits::COUNTER_NAME_BYTES_MAX + 1);
  EXPECT_TRUE(ended(second));
}

// A promotion that fails is taken back: the attempt counts as failed, another one wins.
TEST_F(CoreTest, AFailedPromotionIsRevoked) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  const auto id = submit(spec(0));
  const auto first = attempt(id, MAP, 0, 0);
  // It never wrote its part.
  EXPECT_CODE(Code::NOT_FOUND, commit(1, first));
  EXPECT_EQ(AttemptState::FAILED, job(id).tasks(MAP)[0].attempts[0].state);
  const auto second = attempt(id, MAP, 0, 1);
  ASSERT_EQ(second, trackers[1].launched.back());
  writePart(second);
  ASSERT_VALUE(const bool granted, commit(1, second));
  EXPECT_TRUE(granted);
  ASSERT_OK(committed(1, second));
  EXPECT_TRUE(ended(id));
  EXPECT_TRUE(namenode.files.contains("/out/part-m-00000"));
}

}  // namespace
}  // namespace cairn::mr::fakes
