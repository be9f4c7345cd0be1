#include "tests/sim/client_machine.h"

namespace cairn::sim {

ClientMachine::ClientMachine(SimWorld& world, Verdict& verdict, unsigned number,
                             std::string namenode, std::uint32_t retryBudgetMs)
    : world_(world),
      verdict_(verdict),
      host_(world, number, "client" + std::to_string(number)),
      namenode_(std::move(namenode)),
      retryBudgetMs_(retryBudgetMs) {}

ClientMachine::~ClientMachine() noexcept(false) { crash(); }

void ClientMachine::start(std::vector<std::unique_ptr<WorkerState>>& workers) {
  host_.boot();
  client::Options options;
  options.namenode = namenode_;
  options.user = "sim";
  options.machine = host_.name();
  options.shortCircuit = false;
  options.retry.budgetMs = retryBudgetMs_;
  files_ = kj::heap<client::FileSystem>(host_.host(), std::move(options));
  running_ = std::make_unique<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this));
  for (auto& state : workers) {
    workers_.push_back(std::make_unique<Worker>(world_, verdict_, *files_, *state));
    running_->add(workers_.back()->run());
  }
}

void ClientMachine::crash() {
  if (!host_.alive()) return;
  host_.failPower(io::CrashLoss::NOTHING);
  running_ = nullptr;
  workers_.clear();
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
