#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

using rpc::toString;
using rpc::toText;
using rpc::toView;

CounterSet countersFrom(capnp::List<wire::CounterValue>::Reader from) {
  CounterSet counters;
  for (auto counter : from) {
    counters.counter(toView(counter.getGroup()), toView(counter.getName())).add(counter.getValue());
  }
  return counters;
}

void countersTo(const CounterSet& counters, capnp::List<wire::CounterValue>::Builder to) {
  unsigned i = 0;
  for (const auto& [name, value] : counters.all()) {
    auto counter = to[i++];
    counter.setGroup(toText(name.first));
    counter.setName(toText(name.second));
    counter.setValue(value);
  }
}

JobConf confFrom(capnp::List<wire::Property>::Reader from) {
  JobConf conf;
  for (auto property : from) conf.set(toView(property.getKey()), toView(property.getValue()));
  return conf;
}

void confTo(const JobConf& conf, capnp::List<wire::Property>::Builder to) {
  unsigned i = 0;
  for (const auto& [key, value] : conf.all()) {
    auto property = to[i++];
    property.setKey(toText(key));
    property.setValue(toText(value));
  }
}

void confTo(const record::JobSpec& spec, capnp::List<wire::Property>::Builder to) {
  unsigned i = 0;
  for (const auto& kept : spec.conf()) {
    auto property = to[i++];
    property.setKey(toText(kept.key()));
    property.setValue(toText(kept.value()));
  }
}

std::vector<std::string> textsFrom(capnp::List<capnp::Text>::Reader from) {
  std::vector<std::string> texts;
  texts.reserve(from.size());
  for (auto text : from) texts.push_back(toString(text));
  return texts;
}

void textsTo(const std::vector<std::string>& texts, capnp::List<capnp::Text>::Builder to) {
  for (unsigned i = 0; i < texts.size(); ++i) to.set(i, toText(texts[i]));
}

record::JobSpec specFrom(wire::JobSpec::Reader from) {
  record::JobSpec spec;
  spec.set_name(toString(from.getName()));
  spec.set_user(toString(from.getUser()));
  for (auto input : from.getInputs()) spec.add_inputs(toString(input));
  spec.set_output(toString(from.getOutput()));
  spec.set_reduces(from.getReduces());
  for (auto property : from.getConf()) {
    auto* kept = spec.add_conf();
    kept->set_key(toString(property.getKey()));
    kept->set_value(toString(property.getValue()));
  }
  auto* program = spec.mutable_program();
  if (from.getProgram().isStaged()) {
    auto staged = from.getProgram().getStaged();
    program->set_staged_path(toString(staged.getPath()));
    program->set_length(staged.getLength());
    program->set_crc32c(staged.getCrc32c());
  }
  for (auto arg : from.getProgram().getArgs()) program->add_args(toString(arg));
  return spec;
}

void programTo(const record::Program& program, wire::Program::Builder to) {
  if (program.staged_path().empty()) {
    to.setBuiltIn();
  } else {
    auto staged = to.initStaged();
    staged.setPath(toText(program.staged_path()));
    staged.setLength(program.length());
    staged.setCrc32c(program.crc32c());
  }
  auto args = to.initArgs(static_cast<unsigned>(program.args_size()));
  for (unsigned i = 0; i < args.size(); ++i) {
    args.set(i, toText(program.args(static_cast<int>(i))));
  }
}

record::Segment segmentFrom(wire::Segment::Reader from) {
  record::Segment segment;
  segment.set_offset(from.getOffset());
  segment.set_length(from.getLength());
  segment.set_records(from.getRecords());
  segment.set_plain_length(from.getPlainLength());
  segment.set_crc32c(from.getCrc32c());
  return segment;
}

void segmentTo(const record::Segment& segment, wire::Segment::Builder to) {
  to.setOffset(segment.offset());
  to.setLength(segment.length());
  to.setRecords(segment.records());
  to.setPlainLength(segment.plain_length());
  to.setCrc32c(segment.crc32c());
}

}  // namespace cairn::mr
