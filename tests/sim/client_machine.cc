#include "tests/sim/client_machine.h"

namespace cairn::sim {

client::Options drawClientOptions(io::Random& random, std::string namenode, std::string user,
                                  bool impatient) {
  client::Options options;
  options.namenode = std::move(namenode);
  options.user = std::move(user);
  options.shortCircuit = false;
  options.retry.budgetMs =
      static_cast<std::uint32_t>(random.chance(0.3) ? 0 : random.between(0, 60'000));
  if (random.chance(0.3)) options.writeWindowBytes = 1 << random.between(10, 20);
  if (random.chance(0.3)) options.encodeAheadBytes = 1 << random.between(10, 20);
  if (impatient && random.chance(0.3)) {
    options.namenodeCallMs = static_cast<std::uint32_t>(random.between(100, 15'000));
    options.datanodeReadMs = static_cast<std::uint32_t>(random.between(100, 15'000));
    options.pipelineOpenMs = static_cast<std::uint32_t>(random.between(100, 15'000));
    options.datanodeWriteMs = static_cast<std::uint32_t>(random.between(100, 60'000));
  }
  return options;
}

ClientMachine::ClientMachine(SimWorld& world, Verdict& verdict, unsigned number,
                             client::Options options)
    : world_(world),
      verdict_(verdict),
      host_(world, number, "client" + std::to_string(number)),
      options_(std::move(options)) {}

ClientMachine::~ClientMachine() noexcept(false) { crash(); }

void ClientMachine::start(std::vector<std::unique_ptr<WorkerState>>& workers) {
  host_.boot();
  files_ = kj::heap<client::FileSystem>(host_.host(), options_);
  onlooker_ = kj::heap<Onlooker>(host_.host(), options_);
  running_ = std::make_unique<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  for (auto& state : workers) {
    workers_.push_back(std::make_unique<Worker>(world_, verdict_, *files_, *onlooker_, *state));
    running_->add(workers_.back()->run());
  }
}

void ClientMachine::crash() {
  if (!host_.alive()) return;
  for (const auto& worker : workers_) noteDeath(world_.reach, worker->state());
  host_.failPower(io::CrashLoss::NOTHING);
  running_ = nullptr;
  workers_.clear();
  onlooker_ = nullptr;
  files_ = nullptr;
  host_.endLife();
}

kj::Promise<void> ClientMachine::finish() {
  for (auto& worker : workers_) worker->stop();
  if (running_ == nullptr) return kj::READY_NOW;
  return running_->onEmpty();
}

void ClientMachine::taskFailed(kj::Exception&& exception) {
  verdict_.violation(host_.name() + ": an exception came out of the client: " +
                     std::string(exception.getDescription().cStr()));
}

}  // namespace cairn::sim
