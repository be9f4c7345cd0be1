// Between the values of mapreduce's interfaces (job.capnp, tracker.capnp, task.capnp), the
// journal's records and our own types. The only place that knows them all. Layer:
// mapreduce/jobtracker (used by the tasktracker and the task too).
#pragma once

#include <kj/vector.h>

#include <string>
#include <vector>

#include "cairn/mr/conf.h"
#include "cairn/mr/counters.h"
#include "common/rpc/convert.h"
#include "common/schema/job.capnp.h"
#include "common/schema/job.pb.h"
#include "common/schema/tracker.capnp.h"

namespace cairn::mr {

CounterSet countersFrom(capnp::List<wire::CounterValue>::Reader from);
// A builder's list must be sized first: init with `counters.all().size()`.
void countersTo(const CounterSet& counters, capnp::List<wire::CounterValue>::Builder to);

JobConf confFrom(capnp::List<wire::Property>::Reader from);
void confTo(const JobConf& conf, capnp::List<wire::Property>::Builder to);
void confTo(const record::JobSpec& spec, capnp::List<wire::Property>::Builder to);

std::vector<std::string> textsFrom(capnp::List<capnp::Text>::Reader from);
void textsTo(const std::vector<std::string>& texts, capnp::List<capnp::Text>::Builder to);

record::JobSpec specFrom(wire::JobSpec::Reader from);
void programTo(const record::Program& program, wire::Program::Builder to);
record::Segment segmentFrom(wire::Segment::Reader from);
void segmentTo(const record::Segment& segment, wire::Segment::Builder to);

}  // namespace cairn::mr
