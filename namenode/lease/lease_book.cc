#include "namenode/lease/lease_book.h"

namespace cairn::nn {

void LeaseBook::grant(InodeId file, const ClientId& client, std::int64_t nowMs) {
  release(file);
  auto [it, isNew] = clients_.try_emplace(client);
  if (isNew) {
    it->second.renewedMs = nowMs;
    if (client != NAMENODE) byRenewal_.emplace(nowMs, client);
  }
  // Ids grow: a new file's place is at the end.
  it->second.files.insert(it->second.files.end(), file);
  holders_[file] = client;
  renew(client, nowMs);
}

void LeaseBook::release(InodeId file) {
  const auto holder = holders_.find(file);
  if (holder == holders_.end()) return;
  const auto client = clients_.find(holder->second);
  client->second.files.erase(file);
  if (client->second.files.empty()) {
    byRenewal_.erase({client->second.renewedMs, client->first});
    clients_.erase(client);
  }
  holders_.erase(holder);
}

void LeaseBook::renew(const ClientId& client, std::int64_t nowMs) {
  const auto it = clients_.find(client);
  if (client == NAMENODE || it == clients_.end() || it->second.renewedMs == nowMs) return;
  auto node = byRenewal_.extract({it->second.renewedMs, client});
  node.value().first = nowMs;
  byRenewal_.insert(std::move(node));
  it->second.renewedMs = nowMs;
}

std::optional<ClientId> LeaseBook::holderOf(InodeId file) const {
  const auto it = holders_.find(file);
  if (it == holders_.end()) return std::nullopt;
  return it->second;
}

bool LeaseBook::softExpired(const ClientId& client, std::int64_t nowMs) const {
  const auto it = clients_.find(client);
  if (client == NAMENODE) return false;
  return it == clients_.end() || nowMs - it->second.renewedMs > limits_.softMs;
}

std::vector<InodeId> LeaseBook::hardExpired(std::int64_t nowMs, std::size_t max) const {
  std::vector<InodeId> files;
  for (const auto& [renewedMs, client] : byRenewal_) {
    if (nowMs - renewedMs <= limits_.hardMs) break;
    for (const InodeId file : clients_.at(client).files) {
      if (files.size() == max) return files;
      files.push_back(file);
    }
  }
  return files;
}

std::size_t LeaseBook::filesOf(const ClientId& client) const {
  const auto it = clients_.find(client);
  return it == clients_.end() ? 0 : it->second.files.size();
}

}  // namespace cairn::nn
